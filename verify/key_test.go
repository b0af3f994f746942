package verify_test

import (
	"context"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// withPrivate is the lab's key with one entry of segment P set.
func (l *lab) withPrivate(at int, x fr.Element) *reference.Key {
	k := *l.key
	k.Private = slices.Clone(k.Private)
	k.Private[at] = x
	return &k
}

// TestEveryKeyEntry sets every entry of segment P: the key is accepted exactly when the entry lies in a block, inside its
// interval. What lies beyond the key proof's columns is read by nothing.
func TestEveryKeyEntry(t *testing.T) {
	l := toyLab(t)
	type interval struct{ lo, hi int64 }
	entries := map[int]interval{}
	base := l.lay.Rows[layout.SegP].First << l.lay.L
	for i := range l.net.C.Blocks {
		b := &l.net.C.Blocks[i]
		if b.Role == circuit.Private {
			layout.Inside(b.Dims, func(at int) { entries[l.lay.At[i]-base+at] = interval{b.Lo, b.Hi} })
		}
	}
	columns := len(l.kLay.Slots) << l.kLay.HeightVars
	tried, taken := 0, 0
	for at := range l.key.Private {
		in, entry := entries[at]
		values := map[string]fr.Element{"one": fr.One(), "half": half()}
		if entry {
			for what, x := range map[string]int64{"lowest": in.lo, "highest": in.hi, "below": in.lo - 1, "above": in.hi + 1} {
				var e fr.Element
				e.SetInt64(x)
				values[what] = e
			}
		}
		if !full && at%3 != 0 || at > columns+8 {
			continue
		}
		for what, x := range values {
			legal := at >= columns
			for v := in.lo; entry && v <= in.hi; v++ {
				var e fr.Element
				e.SetInt64(v)
				legal = legal || e.Equal(&x)
			}
			_, err := verify.NewKey(l.setup(l.withPrivate(at, x)))
			tried++
			if err == nil {
				taken++
			}
			if (err == nil) != legal {
				t.Errorf("entry %d set to %s: %v, legal %v", at, what, err, legal)
			}
		}
	}
	t.Logf("%d keys, %d accepted", tried, taken)
}

// TestWithoutKeyProof: what the key proof refuses, an ordinary proof accepts.
func TestWithoutKeyProof(t *testing.T) {
	for _, c := range []struct {
		name  string
		step  string // how the witness uses the key
		block string
		at    int // in the padded block
		x     fr.Element
	}{
		{"a bias of 100", toynet.BigBias, "b1", 0, fr.NewElement(100)},
		{"a weight of w + 1/2", toynet.HalfWeight, "W1", 1, half()},
		{"hidden padding", "", "W1", 3, fr.NewElement(5)},
	} {
		n, err := toynet.Wrong(1, layout.Arrange, c.step)
		if err != nil {
			t.Fatal(err)
		}
		l := toyLab(t)
		b := n.Block(c.block)
		at := l.lay.At[b] - l.lay.Rows[layout.SegP].First<<l.lay.L + c.at
		x := c.x
		if c.step == toynet.HalfWeight {
			x.Add(&x, &l.key.Private[at])
		}
		k := l.withPrivate(at, x)
		vk := l.setup(k)
		_, err = verify.NewKey(vk)
		want(t, c.name+": the key", err, verify.CodeKey)
		p := l.p.Prove(l.lay, vk.Digest(), k, reference.Field(n.Values), l.coins)
		want(t, c.name+": the proof, if nobody looks at the key", verify.Unchecked(vk).Verify(n.Instances(), p.Bytes, verify.EVM), "")
	}
}

// TestFixedRows: a key with a replaced function table or public weight passes NewKey, for nothing private changed; the
// comparison of its first rows with FixedRows refuses it.
func TestFixedRows(t *testing.T) {
	l := toyLab(t)
	g1, tau := l.p.SRS(1<<l.lay.L + 1)
	rows, err := prover.FixedRows(l.net.C, l.net.Values, g1)
	if err != nil {
		t.Fatal(err)
	}
	f := l.lay.Rows[layout.SegF].Count
	if f == 0 || !slices.Equal(rows, l.vk.Rows[:f]) {
		t.Fatal("FixedRows differ from an honest key's")
	}
	for _, name := range []string{"relu", "W3"} {
		for _, i := range []int{0, 1, len(l.values[l.net.Block(name)]) - 1} {
			values := slices.Clone(l.values)
			b := l.net.Block(name)
			values[b] = slices.Clone(values[b])
			one := fr.One()
			values[b][i].Add(&values[b][i], &one)
			vk := l.setup(reference.NewKey(l.lay, values, l.key.Blinders))
			_, err := verify.NewKey(vk)
			want(t, "a key with another "+name, err, "")
			if slices.Equal(rows, vk.Rows[:f]) {
				t.Errorf("%s replaced at %d: the rows do not show it", name, i)
			}
		}
	}
	_, err = prover.Setup(context.Background(), l.net.C, l.net.Values[1:], &srs.SRS{G1: g1, TauG2: tau}, prover.Options{})
	if err == nil {
		t.Error("Setup took constants for too few blocks")
	}
}

// TestSetupRefuses: constants outside their interval or of the wrong shape.
func TestSetupRefuses(t *testing.T) {
	l := toyLab(t)
	g1, tau := l.p.SRS(1<<l.lay.L + 1)
	s := &srs.SRS{G1: g1, TauG2: tau}
	for _, name := range []string{"W1", "b1", "W3", "relu"} {
		b := l.net.Block(name)
		for _, x := range []int64{l.net.C.Blocks[b].Lo - 1, l.net.C.Blocks[b].Hi + 1} {
			values := slices.Clone(l.net.Values)
			values[b] = slices.Clone(values[b])
			values[b][2] = x
			if _, err := prover.Setup(context.Background(), l.net.C, values, s, prover.Options{}); err == nil {
				t.Errorf("%s = %d: no error", name, x)
			}
			if _, err := prover.FixedRows(l.net.C, values, g1); err == nil {
				t.Errorf("FixedRows with %s = %d: no error", name, x)
			}
		}
		values := slices.Clone(l.net.Values)
		values[b] = values[b][1:]
		if _, err := prover.Setup(context.Background(), l.net.C, values, s, prover.Options{}); err == nil {
			t.Errorf("a constant of %s less: no error", name)
		}
	}
	if _, err := prover.Setup(context.Background(), l.net.C, l.net.Values, &srs.SRS{G1: g1[:len(g1)-1], TauG2: tau}, prover.Options{}); err == nil {
		t.Error("an SRS that is one power too short: no error")
	}
}

// TestKeyFile: ParseKey takes what Encode makes and nothing that differs by a byte.
func TestKeyFile(t *testing.T) {
	l := toyLab(t)
	b := l.vk.Encode()
	k, err := verify.ParseKey(b)
	if err != nil {
		t.Fatal(err)
	}
	if k.Digest() != l.accepted.Digest() || !k.Unsafe() || k.InstanceCount() != len(l.instances) {
		t.Error("the parsed key differs")
	}
	want(t, "the proof under the parsed key", k.Verify(l.instances, l.proof.Bytes, verify.EVM), "")
	if vk, err := proof.DecodeVerifyingKey(b); err != nil || !slices.Equal(vk.Encode(), b) {
		t.Errorf("decoding and encoding changes a key: %v", err)
	}
	step := 37
	if full {
		step = 1
	}
	for at := 0; at < len(b); at += step {
		for _, x := range []byte{1, 0x80, 0xff} {
			c := slices.Clone(b)
			c[at] ^= x
			k, err := verify.ParseKey(c)
			if err == nil { // a key that anybody could make: of names, say; but never this key
				if k.Digest() == l.accepted.Digest() {
					t.Errorf("byte %d altered: a key of the same digest", at)
				}
				continue
			}
			want(t, "an altered key", err, verify.CodeKey)
		}
	}
	for _, c := range [][]byte{nil, b[:1], b[:8], b[:len(b)-1], append(slices.Clone(b), 0), slices.Concat(b, b)} {
		_, err := verify.ParseKey(c)
		want(t, "a key of another length", err, verify.CodeKey)
	}
}

// TestKeyProofOfOtherShapes: blocks over several columns, a single column, a scalar; honest keys are accepted, a value
// outside its interval and non-zero padding refused.
func TestKeyProofOfOtherShapes(t *testing.T) {
	for seed := range int64(12) {
		n, err := toynet.Random(100+seed, 2)
		if err != nil {
			t.Fatal(err)
		}
		l := newLab(t, n, err, seed)
		if l.kLay == nil {
			continue
		}
		base := l.lay.Rows[layout.SegP].First << l.lay.L
		for i := range n.C.Blocks {
			b := &n.C.Blocks[i]
			if b.Role != circuit.Private {
				continue
			}
			size := 1 << circuit.PaddedLog(b.Dims)
			inside := make([]bool, size)
			layout.Inside(b.Dims, func(at int) { inside[at] = true })
			last := l.lay.At[i] - base + size - 1
			x := fr.NewElement(1)
			legal := inside[size-1]
			_, err := verify.NewKey(l.setup(l.withPrivate(last, x)))
			if (err == nil) != legal {
				t.Errorf("seed %d, block %s: last padded entry set to 1: %v", seed, b.Name, err)
			}
			_, err = verify.NewKey(l.setup(l.withPrivate(last, fr.NewElement(4))))
			want(t, "4 in a block of [-4, 3]", err, verify.CodeKey)
		}
	}
}
