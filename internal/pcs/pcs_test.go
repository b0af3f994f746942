package pcs

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/poly"
)

// number is a decimal field element.
type number struct{ fr.Element }

func (n *number) UnmarshalJSON(b []byte) error {
	_, err := n.SetString(strings.Trim(string(b), `"`))
	return err
}

func elements(list []number) []fr.Element {
	out := make([]fr.Element, len(list))
	for i := range list {
		out[i] = list[i].Element
	}
	return out
}

// TestToyOpening compares the identity at z and the quotient at w with whole openings of the Python reference
// (tools/toy/vectors.py).
func TestToyOpening(t *testing.T) {
	b, err := os.ReadFile("testdata/opening.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		L            int
		Poly, N, E   []number
		Point        []number `json:"r_lo"`
		EAt          int      `json:"e_at"`
		A, Mu, Claim number
		Z, Batch, W  number
		S, Values    []number
		SInverse     number `json:"S_inverse"`
		Weight, Rest number
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		o := Opening{U: elements(c.Point), EAt: c.EAt, E: elements(c.E), A: c.A.Element, Mu: c.Mu.Element, Claim: c.Claim.Element}
		ch := Challenges{Z: c.Z.Element, Batch: c.Batch.Element, W: c.W.Element}
		var zInv fr.Element
		zInv.Inverse(&ch.Z)
		v := Values{PZ: c.Values[0].Element, PInv: c.Values[1].Element, NZ: c.Values[2].Element, NInv: c.Values[3].Element, SZ: c.Values[4].Element}
		sInv := o.derive(&v, &ch.Z, &zInv)
		if !sInv.Equal(&c.SInverse.Element) {
			t.Errorf("L=%d: S(1/z) differs", c.L)
		}
		at := func(p []number, x *fr.Element) fr.Element { return poly.Horner(elements(p), x) }
		want := []fr.Element{at(c.Poly, &ch.Z), at(c.Poly, &zInv), at(c.N, &ch.Z), at(c.N, &zInv), at(c.S, &ch.Z)}
		for i, x := range v.List() {
			if !want[i].Equal(&x) {
				t.Errorf("L=%d: value %d is not that of its polynomial", c.L, i)
			}
		}
		a, b := combine(&ch.Batch, &v.PZ, &v.NZ, &v.SZ), combine(&ch.Batch, &v.PInv, &v.NInv, &sInv)
		if weight, rest := quotient(&ch, &zInv, &a, &b); !weight.Equal(&c.Weight.Element) || !rest.Equal(&c.Rest.Element) {
			t.Errorf("L=%d: the quotient differs", c.L)
		}
	}
}
