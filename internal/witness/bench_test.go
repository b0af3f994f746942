package witness

import (
	"context"
	"math/rand"
	"runtime"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// benchmarks are single relations, with the number of products of each.
var benchmarks = []struct {
	name string
	text string
	macs int
}{
	{"matmul/row/k,n=2048", rel("x free [2048]", "w free [2048, 2048]", "y free [2048]", "{j=2048 k=2048} j", "y[j]", "sum k: (x[k]) * (w[k,j])"), 1 << 22},
	{"matmul/row/n,k=2048", rel("x free [2048]", "w free [2048, 2048]", "y free [2048]", "{j=2048 k=2048} j", "y[j]", "sum k: (x[k]) * (w[j,k])"), 1 << 22},
	{"matmul/64x256x1024", rel("x free [64, 256]", "w free [256, 1024]", "y free [64, 1024]", "{i=64 j=1024 k=256} i j", "y[i,j]", "sum k: (x[i,k]) * (w[k,j])"), 1 << 24},
	{"conv/16x28x28,3x3,pad", rel("x free [16, 28, 28]", "w free [32, 16, 3, 3]", "y free [32, 28, 28]",
		"{o=32 i=28 j=28 c=16 u=3 v=3 a=28 b=28} o i j", "y[o,i,j]", "sum v u c b a: (x[c,a,b]) * (w[o,c,u,v]) window(i,u,a; 1,1,1) window(j,v,b; 1,1,1)"), 32 * 28 * 28 * 16 * 9},
	{"conv/64x14x14,3x3,pad", rel("x free [64, 14, 14]", "w free [64, 64, 3, 3]", "y free [64, 14, 14]",
		"{o=64 i=14 j=14 c=64 u=3 v=3 a=14 b=14} o i j", "y[o,i,j]", "sum v u c b a: (x[c,a,b]) * (w[o,c,u,v]) window(i,u,a; 1,1,1) window(j,v,b; 1,1,1)"), 64 * 14 * 14 * 64 * 9},
	{"conv/3x224x224,7x7,stride2", rel("x free [3, 224, 224]", "w free [32, 3, 7, 7]", "y free [32, 112, 112]",
		"{o=32 i=112 j=112 c=3 u=7 v=7 a=224 b=224} o i j", "y[o,i,j]", "sum v u c b a: (x[c,a,b]) * (w[o,c,u,v]) window(i,u,a; 2,1,3) window(j,v,b; 2,1,3)"), 32 * 112 * 112 * 3 * 49},
	{"conv/1x1,256x7x7", rel("x free [256, 7, 7]", "w free [256, 256]", "y free [256, 7, 7]",
		"{o=256 i=7 j=7 c=256} o i j", "y[o,i,j]", "sum c: (x[c,i,j]) * (w[o,c])"), 256 * 49 * 256},
	{"depthwise/64x56x56,3x3,pad", rel("x free [64, 56, 56]", "w free [64, 3, 3]", "y free [64, 56, 56]",
		"{g=64 i=56 j=56 h=64 u=3 v=3 a=56 b=56} g i j", "y[g,i,j]", "sum v u h b a: (x[h,a,b]) * (w[h,u,v]) same(g,h) window(i,u,a; 1,1,1) window(j,v,b; 1,1,1)"), 64 * 56 * 56 * 9},
	{"transposed/32x14x14,4x4,stride2", rel("x free [32, 14, 14]", "w free [32, 16, 4, 4]", "y free [16, 28, 28]",
		"{o=16 a=28 b=28 c=32 u=4 v=4 i=14 j=14} o a b", "y[o,a,b]", "sum v u c j i: (x[c,i,j]) * (w[c,o,u,v]) window(i,u,a; 2,1,1) window(j,v,b; 2,1,1)"), 32 * 14 * 14 * 16 * 16},
	{"product", rel("x free [1024, 1024]", "w free [1024, 1024]", "y free [1024, 1024]", "{i=1024 j=1024 k=1024 l=1024} i j", "y[i,j]",
		"sum k l: (x[k,l]) * (w[k,l]) same(i,k) same(j,l)"), 1 << 20},
	{"pool/64x112x112,2x2", rel("x free [64, 112, 112]", "w free []", "y free [64, 56, 56]",
		"{g=64 i=56 j=56 u=2 v=2 a=112 b=112} g i j", "y[g,i,j]", "sum u v a b: (x[g,a,b]) window(i,u,a; 2,1,0) window(j,v,b; 2,1,0)"), 64 * 112 * 112},
	{"reshape", rel("x free [1000, 1000]", "w free []", "y free [100, 10000]", "{i=100 j=10000 k=1000 l=1000} i j", "y[i,j]",
		"sum k l: (x[k,l]) reshape(i,j | k,l)"), 1000000},
	{"transpose", rel("x free [1024, 1024]", "w free []", "y free [1024, 1024]", "{i=1024 j=1024} i j", "y[i,j] - x[j,i]", "0"), 1 << 20},
}

func rel(x, w, y, letters, left, right string) string {
	return "circuit row 8\nblock " + x + "\nblock " + w + "\nblock " + y + "\nrelation r " + letters + "\n " + left + " = " + right + "\n"
}

func BenchmarkAlone(b *testing.B) {
	for _, k := range benchmarks {
		b.Run(k.name, func(b *testing.B) {
			c, err := circuit.Parse(k.text)
			if err != nil {
				b.Fatal(err)
			}
			rng := rand.New(rand.NewSource(1))
			values := make([][]int64, 3)
			for i := range 2 {
				values[i] = make([]int64, circuit.Count(c.Blocks[i].Dims))
				for j := range values[i] {
					values[i][j] = rng.Int63n(65536) - 32768
				}
			}
			s := &solver{evaluator: newEvaluator(c, values)}
			st := &determinism.Step{Relation: 0, Term: 0}
			for b.Loop() {
				s.most[0], s.most[1] = -1, -1
				if err := solveAlone(s, st, ""); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(k.macs), "ns/product")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms")
		})
	}
}

func BenchmarkDigits(b *testing.B) {
	c, err := circuit.Parse(`
circuit row 8
block x free [1048576]
block q column [1048576]
block v column [1048576]
table s16 [-32768, 32767]
table u16 [0, 65535]
slot (q) s16
slot (v) u16
group 0 1
relation r {i=1048576} i
    65536*q[i] + v[i] - 256*x[i] = 0
`)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewSource(1))
	x := make([]int64, 1<<20)
	for i := range x {
		x[i] = rng.Int63n(1<<22) - 1<<21
	}
	cert := &determinism.Certificate{By: []int{circuit.None, 0, 0}, Steps: []determinism.Step{{Rule: determinism.Digits, Blocks: []int{1, 2},
		Digits: []determinism.Digit{{Term: 0, Block: 1, Coef: 65536, Lo: -32768, Hi: 32767}, {Term: 1, Block: 2, Coef: 1, Lo: 0, Hi: 65535}}}}}
	for b.Loop() {
		if err := Solve(context.Background(), c, cert, [][]int64{x, nil, nil}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/entry")
}

// The benchmarks' loop nests are right on real shapes too, in one goroutine and in several.
func TestBenchmarkShapes(t *testing.T) {
	for _, k := range benchmarks[3:] {
		c, err := circuit.Parse(k.text)
		if err != nil {
			t.Fatal(k.name, err)
		}
		values := make([][]int64, 3)
		for i := range 3 {
			values[i] = make([]int64, circuit.Count(c.Blocks[i].Dims))
			for j := range values[i] {
				values[i][j] = int64(j*j%1013 - 500)
			}
		}
		r := &c.Relations[0]
		var got [2][]int64
		for i, procs := range []int{1, 4} {
			old := runtime.GOMAXPROCS(procs)
			got[i], _ = newEvaluator(c, values).rest(r, r.Out, func(i int) bool { return i == 0 }, -1)
			runtime.GOMAXPROCS(old)
		}
		at := make([]int, len(r.Letters))
		rng := rand.New(rand.NewSource(1))
		for range 40 { // some entries, by the definition
			p := rng.Intn(len(got[0]))
			for i, x := range index(r, r.Out, p) {
				at[r.Out[i]] = x
			}
			want := int64(0)
			for i := range r.Sum {
				sumAt(c, r, &r.Sum[i], at, values, &want)
			}
			if len(r.Sum) == 0 {
				want = -entry(c, r, &circuit.Expr{Letters: r.Out, Terms: r.LHS.Terms[1:]}, at, values).Int64()
			}
			if got[0][p] != want || got[1][p] != want {
				t.Fatalf("%s: entry %d is %d and %d, not %d", k.name, p, got[0][p], got[1][p], want)
			}
		}
	}
}

// sumAt adds one entry of a contraction; of the letters that an axis relation fixes it tries the fixed value only.
func sumAt(c *circuit.Circuit, r *circuit.Relation, k *circuit.Contraction, at []int, values [][]int64, sum *int64) {
	var walk func(int)
	walk = func(i int) {
		if i == len(k.R) {
			var loose []circuit.Letter
			for _, l := range k.Inner {
				if !tied(k, l) {
					loose = append(loose, l)
				}
			}
			each(r, loose, at, func() {
				p := entry(c, r, &k.A, at, values).Int64()
				if k.B != nil {
					p *= entry(c, r, k.B, at, values).Int64()
				}
				*sum += p
			})
			return
		}
		a := &k.R[i]
		a.Each(r.Letters, func(tuple []int) {
			for j, l := range a.Letters {
				if isOut(r, l) && at[l] != tuple[j] {
					return
				}
			}
			old := append([]int(nil), tuple...)
			for j, l := range a.Letters {
				at[l] = old[j]
			}
			walk(i + 1)
		})
	}
	walk(0)
}

func tied(k *circuit.Contraction, l circuit.Letter) bool {
	for i := range k.R {
		for _, m := range k.R[i].Letters {
			if l == m {
				return true
			}
		}
	}
	return false
}

func isOut(r *circuit.Relation, l circuit.Letter) bool {
	for _, m := range r.Out {
		if l == m {
			return true
		}
	}
	return false
}
