package evm_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// lab is a net with an accepted key and an accepted proof, made by the naive prover over a known tau.
type lab struct {
	vk        *proof.VerifyingKey
	key       *verify.Key
	lay       *layout.Layout
	instances []fr.Element
	proof     []byte
	again     func() []byte // another proof of the same statement
	program   *evm.Program
}

func randomScalars(rng *rand.Rand, n int) []fr.Element {
	out := make([]fr.Element, n)
	for i := range out {
		var b [48]byte
		rng.Read(b[:])
		out[i].SetBytes(b[:])
	}
	return out
}

// tau is the secret of the labs' SRS.
const tau = 123456789

// newLab proves a net. The same seed gives the same bytes.
func newLab(t testing.TB, n *toynet.Net, err error, seed int64) *lab {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewSource(seed))
	coins := func(lay *layout.Layout) *prover.Coins {
		c, err := prover.DrawCoins(lay)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][]fr.Element{c.RowsW, c.RowsH, c.Mask, c.CoverW, c.CoverH, c.G2} {
			copy(part, randomScalars(rng, len(part)))
		}
		return c
	}
	l := &lab{instances: n.Instances()}
	if l.lay, err = layout.New(n.C); err != nil {
		t.Fatal(err)
	}
	kLay, err := layout.ForKey(n.C)
	if err != nil {
		t.Fatal(err)
	}
	p := &reference.Prover{Tau: fr.NewElement(tau)}
	values := reference.Field(n.Values)
	k := reference.NewKey(l.lay, values, randomScalars(rng, l.lay.Rows[layout.SegP].Count))
	var keyCoins *prover.Coins
	if kLay != nil {
		keyCoins = coins(kLay)
	}
	if l.vk, err = p.Setup(n.C, k, keyCoins); err != nil {
		t.Fatal(err)
	}
	if l.key, err = verify.NewKey(l.vk); err != nil {
		t.Fatal(err)
	}
	l.again = func() []byte { return p.Prove(l.lay, l.vk.Digest(), k, values, coins(l.lay)).Bytes }
	l.proof = l.again()
	if err := l.key.Verify(l.instances, l.proof, verify.EVM); err != nil {
		t.Fatal(err)
	}
	if l.program, err = evm.Compile(l.vk); err != nil {
		t.Fatal(err)
	}
	return l
}

// nets are the circuits of the tests: every kind of relation, role, table and visibility.
func nets(f func(name string, n *toynet.Net, err error)) {
	n, err := toynet.New(1, layout.Arrange)
	f("toy", n, err)
	if err == nil {
		f("toy single", n.Single(), nil)
		f("toy groups", n.Grouped(1, 2), nil)
		f("toy rows", n.Rows(9), nil)
		m, err := n.WithoutOutputs()
		f("toy without outputs", m, err)
		m, err = n.WithoutLookups()
		f("toy without lookups", m, err)
		m, err = n.WithoutPrivate()
		f("toy without private", m, err)
		m, err = n.Hidden()
		f("toy hidden", m, err)
		m, err = wide(n, -9, -5)
		f("toy wide", m, err)
		m, err = wide(n, -200, 55)
		f("toy wide, of all bytes", m, err)
	}
	for seed := range int64(24) {
		n, err := toynet.Random(seed, 1+int(seed)%4)
		f(fmt.Sprint("random ", seed), n, err)
	}
}

// wide is a net with a longer row of instances from lo to hi, all negative: other branches of their intervals, and longer dot products.
func wide(n *toynet.Net, lo, hi int64) (*toynet.Net, error) {
	const length, value = 37, -7
	m, err := n.With("wide", length, func(block int) circuit.Relation {
		out := []circuit.Letter{0}
		constant := circuit.Expr{Letters: out, Terms: []circuit.Term{{Coef: value, Block: circuit.None}}}
		return circuit.Relation{Letters: []circuit.Axis{{Name: "i", Len: length}}, Out: out,
			LHS: circuit.Expr{Letters: out, Terms: []circuit.Term{{Coef: 1, Block: block, Axes: out}}},
			Sum: []circuit.Contraction{{A: constant}}}
	}, func(int) int64 { return value })
	if err == nil {
		b := &m.C.Blocks[m.Block("wide")]
		b.Lo, b.Hi = lo, hi
	}
	return m, err
}

// TestProgram: the program accepts what package verify accepts.
func TestProgram(t *testing.T) {
	nets(func(name string, n *toynet.Net, err error) {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, n, err, 1)
			if err := l.program.Verify(&l.vk.Tau, l.instances, l.proof, nil); err != nil {
				t.Error(err)
			}
			t.Logf("program %d bytes", len(l.program.Bytes))
		})
	})
}
