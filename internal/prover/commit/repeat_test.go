package commit

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// TestRepeats: scalars that occur often in a row or in several, with points whose sums are infinity among them.
func TestRepeats(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for _, mixed := range []bool{false, true} {
		ps := points(rng, 90, mixed)
		for i := 0; mixed && i+1 < 20; i += 2 {
			ps[i+1].Neg(&ps[i])
		}
		for _, different := range []int{1, 2, 5, 60} {
			values := randomScalars(different)
			vs := make([]fr.Element, 4*90-7)
			for i := range vs {
				if vs[i] = values[rng.IntN(different)]; i < 20 {
					vs[i] = values[0] // opposite points with one scalar
				}
			}
			for r, g := range FullRows(ps, vs, 90) {
				if !equal(g, NaiveFull(ps, vs[r*90:min((r+1)*90, len(vs))])) {
					t.Fatalf("mixed=%v, %d different scalars: row %d is wrong", mixed, different, r)
				}
			}
		}
	}
}

func TestDistinct(t *testing.T) {
	a, b, c := fr.NewElement(3), fr.NewElement(5), fr.NewElement(7)
	columns, repeats := distinct([]fr.Element{{}, b, a, b, c, {}, b, a})
	if !slices.Equal(columns, []int32{1, 2, 4}) || len(repeats) != 2 ||
		repeats[0].scalar != 0 || !slices.Equal(repeats[0].columns, []int32{1, 3, 6}) ||
		repeats[1].scalar != 1 || !slices.Equal(repeats[1].columns, []int32{2, 7}) {
		t.Errorf("columns %v, repeats %+v", columns, repeats)
	}
}

// BenchmarkRepeats: a row of which a third is padding.
func BenchmarkRepeats(b *testing.B) {
	const n = 1 << 13
	ps, vs := points(rand.New(rand.NewPCG(1, 2)), n, false), randomScalars(n)
	for i := range vs {
		if i%3 == 0 {
			vs[i] = vs[0]
		}
	}
	for b.Loop() {
		Full(ps, vs)
	}
	perScalar(b, n)
}
