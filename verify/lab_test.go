package verify_test

import (
	"errors"
	"math/rand"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

// lab is a net with an accepted key and an accepted proof, made by the naive prover over a known tau.
type lab struct {
	t         testing.TB
	net       *toynet.Net
	lay, kLay *layout.Layout
	p         *reference.Prover
	values    []fr.Vector
	key       *reference.Key
	keyCoins  *prover.Coins
	coins     *prover.Coins
	vk        *proof.VerifyingKey
	accepted  *verify.Key
	instances []fr.Element
	proof     *reference.Proof
}

// coinsOf are coins from a seed.
func coinsOf(lay *layout.Layout, seed int64) *prover.Coins {
	rng := rand.New(rand.NewSource(seed))
	c, err := prover.DrawCoins(lay)
	if err != nil {
		panic(err)
	}
	for _, part := range [][]fr.Element{c.RowsW, c.RowsH, c.Mask, c.CoverW, c.CoverH, c.G2} {
		for i := range part {
			part[i] = randomScalar(rng)
		}
	}
	return c
}

func randomScalar(rng *rand.Rand) fr.Element {
	var b [48]byte
	rng.Read(b[:])
	var e fr.Element
	e.SetBytes(b[:])
	return e
}

func randomScalars(rng *rand.Rand, n int) []fr.Element {
	out := make([]fr.Element, n)
	for i := range out {
		out[i] = randomScalar(rng)
	}
	return out
}

// newLab proves a net. The same seed gives the same bytes.
func newLab(t testing.TB, n *toynet.Net, err error, seed int64) *lab {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, net: n, p: &reference.Prover{Tau: fr.NewElement(123456789)}, values: reference.Field(n.Values), instances: n.Instances()}
	if l.lay, err = layout.New(n.C); err != nil {
		t.Fatal(err)
	}
	if l.kLay, err = layout.ForKey(n.C); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewSource(seed))
	l.key = reference.NewKey(l.lay, l.values, randomScalars(rng, l.lay.Rows[layout.SegP].Count))
	if l.kLay != nil {
		l.keyCoins = coinsOf(l.kLay, seed+1)
	}
	l.coins = coinsOf(l.lay, seed+2)
	l.vk = l.setup(l.key)
	if l.accepted, err = verify.NewKey(l.vk); err != nil {
		t.Fatal(err)
	}
	l.proof = l.prove(l.values)
	if err := l.accepted.Verify(l.instances, l.proof.Bytes, verify.EVM); err != nil {
		t.Fatal(err)
	}
	return l
}

func toyLab(t testing.TB) *lab {
	n, err := toynet.New(1, layout.Arrange)
	return newLab(t, n, err, 1)
}

// setup makes a verifying key with a key proof by a prover that is honest about the entries.
func (l *lab) setup(k *reference.Key) *proof.VerifyingKey {
	vk, err := l.p.Setup(l.net.C, k, l.keyCoins)
	if err != nil {
		l.t.Fatal(err)
	}
	return vk
}

// prove proves values under the lab's key.
func (l *lab) prove(values []fr.Vector) *reference.Proof {
	return l.p.Prove(l.lay, l.vk.Digest(), l.key, values, l.coins)
}

// cheating is the lab's prover with a cheat.
func (l *lab) cheating(cheat func(stage string, v fr.Vector)) *reference.Proof {
	p := *l.p
	p.Cheat = cheat
	return p.Prove(l.lay, l.vk.Digest(), l.key, l.values, l.coins)
}

func (l *lab) verify(b []byte) error { return l.accepted.Verify(l.instances, b, verify.EVM) }

// instancesOf are the public entries of values.
func (l *lab) instancesOf(values []fr.Vector) []fr.Element {
	var out []fr.Element
	for i := range l.net.C.Blocks {
		if l.net.C.Blocks[i].Role == 0 {
			out = append(out, values[i]...)
		}
	}
	return out
}

// withKey is the key with other rows or another key proof.
func (l *lab) withKey(edit func(vk *proof.VerifyingKey)) *proof.VerifyingKey {
	vk := *l.vk
	vk.Rows = slices.Clone(vk.Rows)
	vk.KeyProof = slices.Clone(vk.KeyProof)
	edit(&vk)
	return &vk
}

// code is a rejection's code; "" if it was accepted.
func code(t testing.TB, err error) verify.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	var r *verify.Rejection
	if !errors.As(err, &r) {
		t.Fatalf("not a rejection: %v", err)
	}
	return r.Code
}

// want fails unless the verdict has the code; "" is acceptance.
func want(t testing.TB, what string, err error, c verify.Code) {
	t.Helper()
	if got := code(t, err); got != c {
		t.Errorf("%s: %q, want %q (%v)", what, got, c, err)
	}
}

var kinds = []transcript.Kind{verify.EVM, verify.Poseidon}

// half is 1/2 mod p.
func half() fr.Element {
	h := fr.NewElement(2)
	h.Inverse(&h)
	return h
}

// script makes transcripts whose challenges are programmed: they depend on the seed and their number alone.
func (l *lab) script(seed int64) func(domain string) *transcript.Transcript {
	return func(domain string) *transcript.Transcript {
		t := transcript.New(transcript.EVM, domain)
		rng := rand.New(rand.NewSource(seed))
		t.Observe = func(_ string, c *fr.Element) { *c = randomScalar(rng) }
		return t
	}
}
