package transcript

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// TestC16_Framing: sequences of messages that differ in domain, label, split, length or content give different challenges.
func TestC16_Framing(t *testing.T) {
	_, _, g, _ := bn254.Generators()
	one, two := fr.NewElement(1), fr.NewElement(2)
	cases := map[string]func(*Transcript){
		"nothing":       func(*Transcript) {},
		"one":           func(x *Transcript) { x.Scalars("a", []fr.Element{one}) },
		"other label":   func(x *Transcript) { x.Scalars("b", []fr.Element{one}) },
		"other value":   func(x *Transcript) { x.Scalars("a", []fr.Element{two}) },
		"two in one":    func(x *Transcript) { x.Scalars("a", []fr.Element{one, two}) },
		"two in two":    func(x *Transcript) { x.Scalars("a", []fr.Element{one}); x.Scalars("a", []fr.Element{two}) },
		"trailing zero": func(x *Transcript) { x.Scalars("a", []fr.Element{one, two, {}}) },
		"empty":         func(x *Transcript) { x.Scalars("a", nil) },
		"point":         func(x *Transcript) { x.Points("a", []bn254.G1Affine{g}) },
		"infinity":      func(x *Transcript) { x.Points("a", []bn254.G1Affine{{}}) },
		"digest":        func(x *Transcript) { x.Digest("a", [32]byte{31: 1}) },
		"challenge":     func(x *Transcript) { x.Challenge("a") },
	}
	for _, kind := range []Kind{EVM, Poseidon} {
		seen := map[fr.Element]string{}
		for _, domain := range []string{"proof", "key"} {
			for name, f := range cases {
				x := New(kind, domain)
				f(x)
				c := x.Challenge("end")
				if other, ok := seen[c]; ok {
					t.Errorf("%v: %s/%s and %s hash alike", kind, domain, name, other)
				}
				seen[c] = domain + "/" + name
				if second := x.Challenge("end"); second.Equal(&c) {
					t.Errorf("%v: two challenges in a row are equal", kind)
				}
			}
		}
	}
}

func TestKindNames(t *testing.T) {
	for _, k := range []Kind{EVM, Poseidon} {
		if got, err := ParseKind(k.String()); err != nil || got != k {
			t.Fatal(k, got, err)
		}
	}
	if _, err := ParseKind("blake"); err == nil {
		t.Fatal("blake is accepted")
	}
}
