package proof

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/transcript"
)

func word(x *big.Int) []byte { return x.FillBytes(make([]byte, 32)) }

func generator() bn254.G1Affine {
	_, _, g, _ := bn254.Generators()
	return g
}

func TestDecodePoint(t *testing.T) {
	g := generator()
	var minus, inf bn254.G1Affine
	minus.Neg(&g)
	for _, p := range []bn254.G1Affine{g, minus, inf} {
		b := AppendPoint(nil, &p)
		if q, err := DecodePoint(b); err != nil || !q.Equal(&p) || !slices.Equal(AppendPoint(nil, &q), b) {
			t.Errorf("%v: %v, %v", p, q, err)
		}
	}
	q := fp.Modulus()
	one, two, zero := big.NewInt(1), big.NewInt(2), big.NewInt(0)
	all := new(big.Int).Sub(new(big.Int).Lsh(one, 256), one)
	for name, b := range map[string][]byte{
		"x+q":         append(word(new(big.Int).Add(one, q)), word(two)...),
		"y+q":         append(word(one), word(new(big.Int).Add(two, q))...),
		"x=q, y=0":    append(word(q), word(zero)...),
		"x=0, y=q":    append(word(zero), word(q)...),
		"x=0":         append(word(zero), word(two)...),
		"y=0":         append(word(one), word(zero)...),
		"off":         append(word(one), word(big.NewInt(3))...),
		"largest":     append(word(all), word(all)...),
		"short":       word(one),
		"long":        make([]byte, 65),
		"none":        nil,
		"63 bytes":    make([]byte, 63),
		"other curve": append(word(big.NewInt(2)), word(big.NewInt(5))...), // y^2 = x^3 + 17
	} {
		if p, err := DecodePoint(b); err == nil {
			t.Errorf("%s: %v", name, p)
		} else if !p.IsInfinity() {
			t.Errorf("%s: an error and a point", name)
		}
	}
}

// TestReader: messages come back as written, are absorbed alike, and nothing is read beyond the end.
func TestReader(t *testing.T) {
	for _, kind := range []transcript.Kind{transcript.EVM, transcript.Poseidon} {
		w := NewWriter(transcript.New(kind, "x"))
		xs := []fr.Element{fr.NewElement(5), fr.NewElement(7)}
		g := generator()
		w.Scalars("a", xs...)
		w.Points("b", g)
		w.Scalars("c")
		r := NewReader(w.Bytes, transcript.New(kind, "x"))
		if got, err := r.Scalars("a", 2); err != nil || !slices.Equal(got, xs) {
			t.Error(got, err)
		}
		if err := r.Close(); !errors.Is(err, ErrTrailing) {
			t.Errorf("bytes left: %v", err)
		}
		if got, err := r.Points("b", 1); err != nil || !got[0].Equal(&g) {
			t.Error(got, err)
		}
		if _, err := r.Scalars("c", 0); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		a, b := r.T.Challenge("d"), w.T.Challenge("d")
		if !a.Equal(&b) {
			t.Error("reader and writer absorb differently")
		}
		if _, err := r.Scalars("e", 1); !errors.Is(err, ErrShort) {
			t.Errorf("beyond the end: %v", err)
		}
		if _, err := r.Points("e", 1); !errors.Is(err, ErrShort) {
			t.Errorf("beyond the end: %v", err)
		}
	}
	tr := func() *transcript.Transcript { return transcript.New(transcript.EVM, "x") }
	if _, err := NewReader(make([]byte, 63), tr()).Scalars("a", 2); !errors.Is(err, ErrShort) {
		t.Errorf("63 bytes: %v", err)
	}
	if _, err := NewReader(make([]byte, 127), tr()).Points("a", 2); !errors.Is(err, ErrShort) {
		t.Errorf("127 bytes: %v", err)
	}
	if _, err := NewReader(word(fr.Modulus()), tr()).Scalars("a", 1); err == nil {
		t.Error("p is a scalar")
	}
	if _, err := NewReader(append(word(big.NewInt(1)), word(big.NewInt(1))...), tr()).Points("a", 1); !errors.Is(err, ErrPoint) {
		t.Errorf("(1, 1): %v", err)
	}
}
