package g1batch

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// somePoints returns n points, among them repeated ones, opposite ones and infinity if mixed.
func somePoints(rng *rand.Rand, n int, mixed bool) []bn254.G1Affine {
	_, _, g, _ := bn254.Generators()
	ps := make([]bn254.G1Jac, n)
	var p bn254.G1Jac
	p.FromAffine(&g)
	for i := range ps {
		p.DoubleAssign()
		p.AddMixed(&g)
		ps[i] = p
		if mixed && i > 0 {
			switch rng.IntN(4) {
			case 0:
				ps[i] = ps[rng.IntN(i)]
			case 1:
				ps[i].Neg(&ps[rng.IntN(i)])
			case 2:
				ps[i] = bn254.G1Jac{}
				ps[i].X.SetOne()
				ps[i].Y.SetOne()
			}
		}
	}
	return bn254.BatchJacobianToAffineG1(ps)
}

// TestChains runs the inversion with every number of chains, whatever this machine would choose.
func TestChains(t *testing.T) {
	defer func(c int) { chains = c }(chains)
	for _, chains = range []int{1, 2, 4, 16, 64} {
		TestSum(t)
	}
}

func TestSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, mixed := range []bool{false, true} {
		points := somePoints(rng, 500, mixed)
		for _, runs := range [][]int{{0}, {1}, {2}, {3}, {0, 0, 5, 0}, {1, 1, 1}, {2, 2, 2, 7}, {64, 3, 0, 1, 2}, {40000, 1, 3}, {5, 9000, 9000, 2}, manyRuns(rng, 3000, 9), manyRuns(rng, 20, 700)} {
			var entries []Entry
			var ends []uint32
			want := make([]bn254.G1Affine, len(runs))
			for r, n := range runs {
				var acc bn254.G1Jac
				for range n {
					e := Entry(rng.IntN(2 * len(points)))
					entries = append(entries, e)
					p := points[e>>1]
					if e&1 != 0 {
						p.Neg(&p)
					}
					acc.AddMixed(&p)
				}
				ends = append(ends, uint32(len(entries)))
				want[r].FromJacobian(&acc)
			}
			got := make([]bn254.G1Affine, len(runs))
			Sum(got, points, entries, ends)
			for r := range got {
				if !got[r].Equal(&want[r]) {
					t.Fatalf("mixed=%v runs=%v: run %d of %d points is wrong", mixed, len(runs), r, runs[r])
				}
			}
		}
	}
}

func manyRuns(rng *rand.Rand, n, longest int) []int {
	runs := make([]int, n)
	for i := range runs {
		runs[i] = rng.IntN(longest + 1)
	}
	return runs
}

func TestFixedBase(t *testing.T) {
	_, _, g, _ := bn254.Generators()
	var inf bn254.G1Affine
	scalars := make([]fr.Element, 70)
	for i := 4; i < len(scalars); i++ {
		scalars[i].MustSetRandom()
	}
	scalars[1].SetOne()
	scalars[2].SetInt64(-1)
	scalars[3].SetInt64(-2)
	for _, count := range []int{0, 1, 2, 70, 5000} {
		for _, base := range []bn254.G1Affine{g, inf} {
			f := NewFixedBase(&base, count)
			for _, n := range []int{0, 1, 3, len(scalars)} {
				got := make([]bn254.G1Affine, n)
				f.Mul(got, scalars[:n])
				for i := range got {
					var want bn254.G1Affine
					want.ScalarMultiplication(&base, scalars[i].BigInt(new(big.Int)))
					if !got[i].Equal(&want) {
						t.Fatalf("count=%d n=%d: multiple %d is wrong", count, n, i)
					}
				}
			}
		}
	}
}

func BenchmarkSum(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	points := somePoints(rng, 1<<13, false)
	entries := make([]Entry, 1<<17)
	for i := range entries {
		entries[i] = Entry(rng.IntN(2 * len(points)))
	}
	for _, size := range []int{2, 8, 64, 1 << 17} {
		b.Run(fmt.Sprintf("run=%d", size), func(b *testing.B) {
			ends := make([]uint32, len(entries)/size)
			for r := range ends {
				ends[r] = uint32((r + 1) * size)
			}
			dst := make([]bn254.G1Affine, len(ends))
			for b.Loop() {
				Sum(dst, points, entries, ends)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*(len(entries)-len(ends))), "ns/add")
		})
	}
}

func BenchmarkFixedBase(b *testing.B) {
	_, _, g, _ := bn254.Generators()
	for _, n := range []int{16, 128, 1 << 13} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			scalars := make([]fr.Element, n)
			for i := range scalars {
				scalars[i].MustSetRandom()
			}
			dst := make([]bn254.G1Affine, n)
			for b.Loop() {
				NewFixedBase(&g, n).Mul(dst, scalars)
			}
		})
	}
}
