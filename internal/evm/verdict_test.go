package evm_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/vm"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/evm/machine"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// deployed is a lab with a contract that verifies its proofs: its own, or the reusable one.
type deployed struct {
	*lab
	chain    *machine.Chain
	creation []byte
	at       common.Address
	digest   *[32]byte // nil: its own contract
	// before and after are other proofs of the same instances, between which a proof is verified in a batch
	before, after [][]byte
}

// count is the number of proofs of a call.
func (d *deployed) count() int { return len(d.before) + 1 + len(d.after) }

// head is the size of a call's static part, with the selector.
func (d *deployed) head() int {
	if d.digest != nil {
		return 4 + 96
	}
	return 4 + 64
}

// batch are the proofs of a call and their instances.
func (d *deployed) batch(proof []byte) (proofs [][]byte, instances [][]fr.Element) {
	proofs = slices.Concat(d.before, [][]byte{proof}, d.after)
	for range proofs {
		instances = append(instances, d.instances)
	}
	return proofs, instances
}

func (d *deployed) words(proof []byte) []byte {
	if d.count() == 1 {
		return evm.Calldata(proof, d.instances, d.digest)
	}
	proofs, instances := d.batch(proof)
	return evm.BatchCalldata(proofs, instances, d.digest)
}

func (d *deployed) packed(t testing.TB) []byte {
	t.Helper()
	proofs, instances := d.batch(d.proof)
	b, err := d.program.PackedBatchCalldata(proofs, instances, d.digest)
	if d.count() == 1 {
		b, err = d.program.PackedCalldata(d.proof, d.instances, d.digest)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func deploy(t testing.TB, l *lab) *deployed {
	t.Helper()
	c, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	creation := l.program.Creation()
	at, _, _, err := c.Deploy(creation)
	if err != nil {
		t.Fatal(err)
	}
	return &deployed{lab: l, chain: c, creation: creation, at: at}
}

// deployReusable registers the lab's program, after another one, at the reusable contract, given as it is created.
func deployReusable(t testing.TB, l *lab, creation []byte) *deployed {
	t.Helper()
	c, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	at, _, _, err := c.Deploy(creation)
	if err != nil {
		t.Fatal(err)
	}
	other := append([]byte{}, l.program.Bytes...)
	other[0] ^= 1 // of another key
	for _, program := range [][]byte{other, l.program.Bytes} {
		if _, _, err := c.Call(at, evm.RegisterCalldata(program)); err != nil {
			t.Fatal(err)
		}
	}
	digest := evm.Digest(l.program.Bytes)
	return &deployed{lab: l, chain: c, creation: creation, at: at, digest: &digest}
}

// TestVerifies: the contract accepts what package verify accepts, with both encodings of the instances.
func TestVerifies(t *testing.T) {
	nets(func(name string, n *toynet.Net, err error) {
		t.Run(name, func(t *testing.T) {
			d := deploy(t, newLab(t, n, err, 1))
			calldata := evm.Calldata(d.proof, d.instances, nil)
			gas, err := d.chain.Verify(d.at, calldata)
			if err != nil {
				challenges(t, d, calldata)
				t.Fatal(err)
			}
			packed, err := d.program.PackedCalldata(d.proof, d.instances, nil)
			if err != nil {
				t.Fatal(err)
			}
			packedGas, err := d.chain.Verify(d.at, packed)
			if err != nil {
				t.Error(err)
			}
			t.Logf("program %d bytes, gas %d, packed %d", len(d.program.Bytes), gas, packedGas)
			challenges(t, d, calldata)
		})
	})
}

// challenges compares every challenge of a call with Go's: a challenge is a Keccak-256 of 64 bytes at 0, modulo r.
func challenges(t *testing.T, d *deployed, calldata []byte) {
	t.Helper()
	var want, got []string
	var labels []string
	err := d.program.Verify(&d.vk.Tau, d.instances, d.proof, func(label string, c *fr.Element) {
		want = append(want, c.String())
		labels = append(labels, label)
	})
	if err != nil {
		t.Fatal(err)
	}
	hashed := false
	d.chain.Hooks = &tracing.Hooks{OnOpcode: func(_ uint64, op byte, _, _ uint64, scope tracing.OpContext, _ []byte, _ int, _ error) {
		stack := scope.StackData()
		if hashed {
			x := stack[len(stack)-1].ToBig()
			var c fr.Element
			c.SetBigInt(new(big.Int).Mod(x, fr.Modulus()))
			got = append(got, c.String())
		}
		hashed = false
		if vm.OpCode(op) == vm.KECCAK256 && stack[len(stack)-1].IsZero() && stack[len(stack)-2].Uint64() == 64 {
			hashed = scope.MemoryData()[0x21] == 'c'
		}
	}}
	_, _, _ = d.chain.Call(d.at, calldata)
	d.chain.Hooks = machine.Hooks
	if len(got) != len(want) {
		t.Errorf("%d challenges in Solidity, %d in Go", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("challenge %d, %s, differs", i, labels[i])
		}
	}
}
