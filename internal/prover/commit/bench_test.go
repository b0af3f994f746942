package commit

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

func perScalar(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/scalar")
}

// gnark runs gnark-crypto's MultiExp for comparison.
func gnark(b *testing.B, ps []bn254.G1Affine, vs []fr.Element) {
	for b.Loop() {
		var p bn254.G1Jac
		if _, err := p.MultiExp(ps, vs, ecc.MultiExpConfig{}); err != nil {
			b.Fatal(err)
		}
	}
	perScalar(b, len(vs))
}

func BenchmarkSmall(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 9))
	ps := points(rng, 1<<16, false)
	for _, w := range []int{1, 8, 16, 32} {
		for _, logN := range []int{11, 13, 16} {
			vs, fs := make([]int64, 1<<logN), make([]fr.Element, 1<<logN)
			for i := range vs {
				vs[i] = small(rng, w-1+1/w)
				fs[i].SetInt64(vs[i])
			}
			name := fmt.Sprintf("bits=%d/n=2^%d", w, logN)
			b.Run(name+"/by=ezkl", func(b *testing.B) {
				for b.Loop() {
					Small(ps, vs)
				}
				perScalar(b, len(vs))
			})
			b.Run(name+"/by=gnark", func(b *testing.B) { gnark(b, ps[:len(fs)], fs) })
		}
	}
}

func BenchmarkSmallRows(b *testing.B) {
	rng := rand.New(rand.NewPCG(2, 9))
	ps := points(rng, 1<<13+1, false)
	for _, w := range []int{1, 8, 16} {
		for _, logN := range []int{10, 11, 13} {
			for _, rows := range []int{10, 50} {
				vs := make([]int32, rows<<logN)
				for i := range vs {
					vs[i] = int32(small(rng, w-1+1/w))
				}
				b.Run(fmt.Sprintf("bits=%d/row=2^%d/rows=%d", w, logN, rows), func(b *testing.B) {
					for b.Loop() {
						SmallRows(ps, vs, 1<<logN)
					}
					perScalar(b, len(vs))
				})
			}
		}
	}
}

// BenchmarkSparse has rows of 2^13 entries of 16 bits, most of them 0; ns/scalar is for one that is not.
func BenchmarkSparse(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 9))
	ps := points(rng, 1<<13, false)
	for _, used := range []int{10, 100, 1000} {
		vs := make([]int32, 10<<13)
		for r := range 10 {
			for range used {
				vs[r<<13+rng.IntN(1<<13)] = int32(small(rng, 15))
			}
		}
		b.Run(fmt.Sprintf("used=%d", used), func(b *testing.B) {
			for b.Loop() {
				SmallRows(ps, vs, 1<<13)
			}
			perScalar(b, 10*used)
		})
	}
}

func BenchmarkFull(b *testing.B) {
	rng := rand.New(rand.NewPCG(4, 9))
	ps, fs := points(rng, 1<<16, false), randomScalars(1<<16)
	for _, logN := range []int{4, 6, 8, 9, 10, 11, 12, 13, 14, 16} {
		name := fmt.Sprintf("n=2^%d", logN)
		b.Run(name+"/by=ezkl", func(b *testing.B) {
			for b.Loop() {
				Full(ps, fs[:1<<logN])
			}
			perScalar(b, 1<<logN)
		})
		b.Run(name+"/by=gnark", func(b *testing.B) { gnark(b, ps[:1<<logN], fs[:1<<logN]) })
	}
}

func BenchmarkBlind(b *testing.B) {
	ps := points(rand.New(rand.NewPCG(5, 9)), 1, false)
	for _, rows := range []int{10, 100, 400} {
		bs, out := randomScalars(rows), make([]bn254.G1Jac, rows)
		kept := NewBlinder(&ps[0], 100)
		b.Run(fmt.Sprintf("rows=%d/once", rows), func(b *testing.B) {
			for b.Loop() {
				Blind(out, &ps[0], bs)
			}
		})
		b.Run(fmt.Sprintf("rows=%d/kept", rows), func(b *testing.B) {
			for b.Loop() {
				kept.Blind(out, bs)
			}
		})
	}
}
