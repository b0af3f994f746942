package evm_test

import (
	"bytes"
	"math/big"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// batched is a contract of a small net, and one or more proofs before and after the one of its lab.
func batched(t *testing.T, reusable bool, before, after int) *deployed {
	n, err := toynet.Random(5, 2)
	l := newLab(t, n, err, 1)
	d := deploy(t, l)
	if reusable {
		d = deployReusable(t, l, evm.ReusableCreation())
	}
	for range before {
		d.before = append(d.before, l.again())
	}
	for range after {
		d.after = append(d.after, l.again())
	}
	return d
}

// TestBatch: batches of proofs of one key verify, a proof may occur twice, and each proof after the first costs less.
func TestBatch(t *testing.T) {
	for _, reusable := range []bool{false, true} {
		d := batched(t, reusable, 1, 2)
		one, err := d.chain.Verify(d.at, (&deployed{lab: d.lab, digest: d.digest}).words(d.proof))
		if err != nil {
			t.Fatal(err)
		}
		four, err := d.chain.Verify(d.at, d.words(d.proof))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("one proof %d gas, four %d", one, four)
		if four > 4*one-3*120_000 {
			t.Errorf("four proofs take %d gas, one %d", four, one)
		}
		if _, err := d.chain.Verify(d.at, d.packed(t)); err != nil {
			t.Error(err)
		}
		if _, err := d.chain.Verify(d.at, d.words(d.before[0])); err != nil {
			t.Error("a proof that occurs twice is refused: ", err)
		}
		// batches of one, which is the call of the other function, and of none
		for count, ok := range []bool{false, true} {
			proofs, instances := make([][]byte, count), make([][]fr.Element, count)
			for i := range count {
				proofs[i], instances[i] = d.proof, d.instances
			}
			packed, err := d.program.PackedBatchCalldata(proofs, instances, d.digest)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range [][]byte{evm.BatchCalldata(proofs, instances, d.digest), packed} {
				if _, err := d.chain.Verify(d.at, c); (err == nil) != ok {
					t.Errorf("a batch of %d: %v", count, err)
				}
			}
		}
		// a proof and a part of one
		part := evm.BatchCalldata([][]byte{d.proof, d.proof[:len(d.proof)-32]}, [][]fr.Element{d.instances}, d.digest)
		if out, _, err := d.chain.Call(d.at, part); err == nil || !bytes.Equal(out, selector("InvalidCalldata")) {
			t.Errorf("a proof and a part of one: %x, %v", out, err)
		}
		// two proofs are no proof of the single functions
		good := d.words(d.proof)
		single := evm.Calldata(d.proof, d.instances, d.digest)
		if _, err := d.chain.Verify(d.at, append(slices.Clone(single[:4]), good[4:]...)); err == nil {
			t.Error("verifyProof takes a batch")
		}
	}
}

// TestE7_E11_Batch: one bad proof among good ones refuses the batch, wherever it lies; so do instances and encodings.
func TestE7_E11_Batch(t *testing.T) {
	for name, at := range map[string][2]int{"first": {0, 2}, "middle": {1, 1}, "last": {2, 0}} {
		t.Run(name, func(t *testing.T) {
			d := batched(t, name == "middle", at[0], at[1])
			alteredProofs(t, d)
			if name == "middle" {
				wrongInstances(t, d)
				wrongEncodings(t, d)
			}
		})
	}
}

// TestE5_BatchCancels: proofs whose errors cancel in a sum with fixed weights are refused. Whoever knows tau can add points
// to W' of two proofs such that their pairing claims fail by opposite amounts.
func TestE5_BatchCancels(t *testing.T) {
	for _, weight := range []int64{1, -1, 2} {
		d := batched(t, false, 0, 1)
		proofs := [][]byte{slices.Clone(d.proof), slices.Clone(d.after[0])}
		var factor [2]fr.Element // w - tau
		for i, b := range proofs {
			err := d.program.Verify(&d.vk.Tau, d.instances, b, func(label string, c *fr.Element) {
				if label == "w" {
					factor[i] = *c
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			secret := fr.NewElement(tau)
			factor[i].Sub(&factor[i], &secret)
		}
		// weight * factor_0 * X + factor_1 * Y = 0
		var y fr.Element
		y.SetInt64(-weight)
		y.Mul(&y, &factor[0]).Div(&y, &factor[1])
		shift(t, proofs[0], big.NewInt(1))
		shift(t, proofs[1], y.BigInt(new(big.Int)))
		for i, b := range proofs {
			if err := d.program.Verify(&d.vk.Tau, d.instances, b, nil); err == nil {
				t.Fatalf("proof %d is right", i)
			}
		}
		for _, order := range [][]int{{0, 1}, {1, 0}, {0, 1, 0, 1}} {
			var list [][]byte
			var instances [][]fr.Element
			for _, i := range order {
				list, instances = append(list, proofs[i]), append(instances, d.instances)
			}
			if _, err := d.chain.Verify(d.at, evm.BatchCalldata(list, instances, nil)); err == nil {
				t.Errorf("two wrong proofs, %v, are right together with weight %d", order, weight)
			}
		}
	}
}

// shift adds k times the generator to W', the last point of a proof.
func shift(t *testing.T, b []byte, k *big.Int) {
	t.Helper()
	at := len(b) - 64
	p, err := proof.DecodePoint(b[at:])
	if err != nil {
		t.Fatal(err)
	}
	_, _, g, _ := bn254.Generators()
	g.ScalarMultiplication(&g, k)
	p.Add(&p, &g)
	copy(b[at:], proof.AppendPoint(nil, &p))
}
