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

// TestToyOpening compares the identity at z with whole openings of the Python reference (tools/toy/vectors.py).
func TestToyOpening(t *testing.T) {
	b, err := os.ReadFile("testdata/mercury.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		L, L1           int
		Poly            []number
		Point           []number `json:"r_lo"`
		Claim           number
		N, E            []number
		EAt             int `json:"e_at"`
		Mu              number
		MuY             number `json:"mu_y"`
		Alpha, Gamma, Z number
		H, Q, G, D, S   []number
		Values          []number
		SInverse        number `json:"S_inverse"`
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		if Split(c.L) != c.L1 {
			t.Errorf("L=%d is split at %d, not %d", c.L, Split(c.L), c.L1)
		}
		o := Opening{U: elements(c.Point), Value: c.Claim.Element, EAt: c.EAt, E: elements(c.E), Mu: c.Mu.Element, MuY: c.MuY.Element}
		ch := Challenges{Alpha: c.Alpha.Element, Gamma: c.Gamma.Element, Z: c.Z.Element}
		var zInv fr.Element
		zInv.Inverse(&ch.Z)
		v := Values{DZ: c.Values[0].Element, DInv: c.Values[1].Element, HZ: c.Values[2].Element, HInv: c.Values[3].Element,
			HAlpha: c.Values[4].Element, NZ: c.Values[5].Element, NInv: c.Values[6].Element, SZ: c.Values[7].Element}
		if got := o.derive(&v, &ch, &zInv); !got.Equal(&c.SInverse.Element) {
			t.Errorf("L=%d: S(1/z) differs", c.L)
		}
		at := func(p []number, x *fr.Element) fr.Element { return poly.Horner(elements(p), x) }
		for i, want := range []fr.Element{at(c.D, &ch.Z), at(c.D, &zInv), at(c.H, &ch.Z), at(c.H, &zInv), at(c.H, &ch.Alpha), at(c.N, &ch.Z), at(c.N, &zInv), at(c.S, &ch.Z)} {
			if !want.Equal(&c.Values[i].Element) {
				t.Errorf("L=%d: value %d is not that of its polynomial", c.L, i)
			}
		}
		gz, gInv := o.g(&v, &ch, &zInv)
		if want := at(c.G, &ch.Z); !gz.Equal(&want) {
			t.Errorf("L=%d: g(z) differs", c.L)
		}
		if want := at(c.G, &zInv); !gInv.Equal(&want) {
			t.Errorf("L=%d: g(1/z) differs", c.L)
		}
	}
}
