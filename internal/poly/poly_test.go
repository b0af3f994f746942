package poly

import (
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

func randomPoint(rng *rand.Rand, n int) []fr.Element {
	p := make([]fr.Element, n)
	for i := range p {
		p[i].SetUint64(rng.Uint64()).Square(&p[i]).Square(&p[i]).Square(&p[i])
	}
	return p
}

// slow is the definition of an MLE.
func slow(v fr.Vector, point []fr.Element) fr.Element {
	var acc fr.Element
	for i := range v {
		e := EqIndex(i, point)
		e.Mul(&e, &v[i])
		acc.Add(&acc, &e)
	}
	return acc
}

func TestClosedFormsAreTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for k := range 7 {
		p := randomPoint(rng, k)
		for d := 0; d <= 1<<k; d++ {
			lt, index := make(fr.Vector, 1<<k), make(fr.Vector, 1<<k)
			for i := range d {
				lt[i].SetOne()
				index[i].SetUint64(uint64(i))
			}
			if got, want := Lt(d, p), slow(lt, p); !got.Equal(&want) {
				t.Fatalf("Lt(%d) on %d variables", d, k)
			}
			if got, want := IndexLt(d, p), slow(index, p); !got.Equal(&want) {
				t.Fatalf("IndexLt(%d) on %d variables", d, k)
			}
		}
		v := fr.Vector(randomPoint(rng, 1<<k))
		want := slow(v, p)
		if got := Eval(v, p); !got.Equal(&want) {
			t.Fatalf("Eval on %d variables", k)
		}
		folded := append(fr.Vector(nil), v...)
		for i := range p {
			folded = Fold(folded, &p[i])
		}
		if !folded[0].Equal(&want) {
			t.Fatalf("Fold on %d variables", k)
		}
		q := randomPoint(rng, k)
		want = slow(EqTable(q, one), p)
		if got := Eq(p, q); !got.Equal(&want) {
			t.Fatalf("Eq on %d variables", k)
		}
	}
	if e := EqIndex(4, randomPoint(rng, 2)); !e.IsZero() {
		t.Fatal("EqIndex beyond its variables is not zero")
	}
}

func BenchmarkEqTable(b *testing.B) {
	p := randomPoint(rand.New(rand.NewSource(1)), 16)
	for b.Loop() {
		EqTable(p, one)
	}
}
