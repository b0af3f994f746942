package evm

import (
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/poly"
)

// TestPolynomials: the weights of a mask's coefficients, group by group, for all degrees of a group.
func TestPolynomials(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	for d := 1; d < 8; d++ {
		b := newBench(rng, 3+3+5)
		inGroup, x := b.point(0, 3)
		group, y := b.point(3, 3)
		r, at := b.point(6, 5)
		entries, groups := b.c.table(inGroup), b.c.table(group)
		low, high := poly.EqTable(x, fr.One()), poly.EqTable(y, fr.One())
		var want fr.Element
		for j := range 5 {
			power := fr.One()
			for e := 1; e <= d; e++ {
				var v fr.Element
				power.Mul(&power, &at[j])
				v.Mul(&power, &low[e]).Mul(&v, &high[j+2])
				want.Add(&want, &v)
			}
		}
		if got := b.value(t, b.c.polynomials(5, (d+2)/3*3, groups.at(2), r[0], b.c.coefficients(entries, d))); got != want {
			t.Errorf("degree %d: another value", d)
		}
	}
}
