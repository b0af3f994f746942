package witness

import (
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

type lt = circuit.Letter

// randomCircuit has one relation: random axis relations of all kinds, letters of random roles, random expressions.
func randomCircuit(rng *rand.Rand, size int64) (*circuit.Circuit, [][]int64) {
	for {
		c, values := tryCircuit(rng, size)
		if c.Check() == nil {
			return c, values
		}
	}
}

func tryCircuit(rng *rand.Rand, size int64) (*circuit.Circuit, [][]int64) {
	c := &circuit.Circuit{LogRow: circuit.MinLogRow}
	var values [][]int64
	r := circuit.Relation{Name: "r"}
	add := func(n int) lt {
		r.Letters = append(r.Letters, circuit.Axis{Name: fmt.Sprintf("l%d", len(r.Letters)), Len: n})
		return lt(len(r.Letters) - 1)
	}
	expr := func(ls []lt) circuit.Expr {
		e := circuit.Expr{Letters: ls}
		for range 1 + rng.Intn(3) {
			t := circuit.Term{Coef: rng.Int63n(7) - 3, Block: circuit.None}
			if rng.Intn(6) > 0 {
				for _, i := range rng.Perm(len(ls)) {
					if rng.Intn(6) > 0 {
						t.Axes = append(t.Axes, ls[i])
					}
				}
				var dims []int
				for _, l := range t.Axes {
					dims = append(dims, r.Letters[l].Len)
				}
				t.Block = len(c.Blocks)
				c.Blocks = append(c.Blocks, circuit.Block{Name: "b", Dims: dims, Role: circuit.Free, KeyTable: circuit.None})
				v := make([]int64, circuit.Count(dims))
				for i := range v {
					v[i] = rng.Int63n(2*size+1) - size
				}
				values = append(values, v)
			}
			e.Terms = append(e.Terms, t)
		}
		return e
	}
	// output letters are shared, each contraction has its own inner ones
	for range rng.Intn(4) {
		r.Out = append(r.Out, add(1+rng.Intn(5)))
	}
	for range rng.Intn(3) {
		var k circuit.Contraction
		free := slices.Clone(r.Out)
		// letter takes an output letter of the wanted length, or makes an inner one
		letter := func(n int) lt {
			for i, l := range free {
				if (n == 0 || r.Letters[l].Len == n) && rng.Intn(3) > 0 {
					free = slices.Delete(free, i, i+1)
					return l
				}
			}
			if n == 0 {
				n = 1 + rng.Intn(5)
			}
			l := add(n)
			k.Inner = append(k.Inner, l)
			return l
		}
		length := func(l lt) int { return r.Letters[l].Len }
		for range rng.Intn(4) {
			a := circuit.AxisRelation{Kind: circuit.AxisKind(rng.Intn(5))}
			switch a.Kind {
			case circuit.Same:
				l := letter(0)
				a.Letters = []lt{l, letter(length(l))}
			case circuit.Window:
				a.Letters = []lt{letter(0), letter(0), letter(0)}
				a.Params = []int64{1 + rng.Int63n(3), 1 + rng.Int63n(3), rng.Int63n(5) - 2}
			case circuit.Affine:
				a.Letters = []lt{letter(0), letter(0)}
				a.Params = []int64{rng.Int63n(7) - 2, rng.Int63n(5) - 2}
			case circuit.Index:
				a.Letters = []lt{letter(0), letter(0)}
				for range length(a.Letters[0]) {
					a.Params = append(a.Params, rng.Int63n(int64(length(a.Letters[1]))+1)-1)
				}
			case circuit.Reshape:
				sides := [][2][]int{{{6}, {2, 3}}, {{2, 3}, {3, 2}}, {{4, 1}, {2, 2}}, {{2, 2, 2}, {4, 2}}, {{5}, {5}}, {{4, 3}, {2, 6}}}[rng.Intn(6)]
				a.Params = []int64{int64(len(sides[0]))}
				for _, side := range sides {
					for _, n := range side {
						a.Letters = append(a.Letters, letter(n))
					}
				}
			}
			k.R = append(k.R, a)
		}
		// A and B hold letters that no other factor forbids
		var la, lb []lt
		for _, l := range r.Out {
			switch held := !slices.Contains(free, l); {
			case held || rng.Intn(3) == 0:
			case rng.Intn(2) == 0:
				la = append(la, l)
			default:
				lb = append(lb, l)
			}
		}
		if rng.Intn(2) == 0 {
			k.Inner = append(k.Inner, add(1+rng.Intn(4)))
		}
		for _, l := range k.Inner {
			if rng.Intn(3) > 0 {
				la = append(la, l)
			}
			if rng.Intn(3) > 0 || !slices.Contains(la, l) {
				lb = append(lb, l)
			}
		}
		rng.Shuffle(len(la), func(i, j int) { la[i], la[j] = la[j], la[i] })
		k.A = expr(la)
		if rng.Intn(3) > 0 {
			b := expr(lb)
			k.B = &b
		}
		r.Sum = append(r.Sum, k)
	}
	r.LHS = expr(r.Out)
	c.Relations = []circuit.Relation{r}
	return c, values
}

// The loop nests agree with the definition, narrow and wide, in any layout of the output.
func TestRestAgainstNaive(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	kinds := map[circuit.AxisKind]int{}
	wide := 0
	for n := range 6000 {
		size := []int64{3, 1 << 16, 1 << 30, 1 << 40}[n%4]
		c, values := randomCircuit(rng, size)
		r := &c.Relations[0]
		for _, k := range r.Sum {
			for _, a := range k.R {
				kinds[a.Kind]++
			}
		}
		left, right := naive(c, r, values)
		order := slices.Clone(r.Out)
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		got, ok := newEvaluator(c, values).rest(r, order, func(int) bool { return false }, -1)
		fits := true
		so, _ := rowMajor(r, order)
		for i := range left {
			want := new(big.Int).Sub(right[i], left[i])
			fits = fits && want.IsInt64()
			p := 0
			for j, x := range index(r, r.Out, i) {
				p += x * so[r.Out[j]]
			}
			if ok && want.Cmp(big.NewInt(got[p])) != 0 {
				t.Fatalf("case %d: entry %d is %d, not %d\n%s", n, i, got[p], want, c.Text())
			}
		}
		if !ok && fits && size <= 1<<16 {
			t.Fatalf("case %d: refused values that fit", n)
		}
		if ok && size == 1<<30 {
			wide++
		}
	}
	for k := circuit.Same; k <= circuit.Reshape; k++ {
		if kinds[k] < 100 {
			t.Errorf("axis kind %d in %d cases only", k, kinds[k])
		}
	}
	t.Logf("axis kinds %v", kinds)
}

// FanIn bounds the number of index tuples of every output.
func TestFanIn(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	for range 3000 {
		c, _ := randomCircuit(rng, 1)
		r := &c.Relations[0]
		for i := range r.Sum {
			k := &r.Sum[i]
			lo, hi := r.FanIn(k)
			at := make([]int, len(r.Letters))
			each(r, r.Out, at, func() {
				n := int64(0)
				each(r, k.Inner, at, func() {
					for j := range k.R {
						if !holds(&k.R[j], r.Letters, at) {
							return
						}
					}
					n++
				})
				if n < lo || n > hi {
					t.Fatalf("%d tuples at %v, not %d to %d\n%s", n, at, lo, hi, c.Text())
				}
			})
		}
	}
}

func TestAccumulatorLimits(t *testing.T) {
	for _, c := range []struct {
		a, b []int64
		want int64
		ok   bool
	}{
		{[]int64{math.MaxInt64, -math.MaxInt64, 5}, []int64{2, 2, 1}, 5, true},
		{[]int64{math.MaxInt64}, []int64{1}, math.MaxInt64, true},
		{[]int64{math.MaxInt64, 1}, []int64{1, 1}, 0, false},
		{[]int64{-math.MaxInt64, -1}, []int64{1, 1}, 0, false},
		{[]int64{1 << 62, -(1 << 62)}, []int64{1 << 62, 1 << 62}, 0, true},
	} {
		ci := &circuit.Circuit{}
		n := len(c.a)
		ci.Blocks = []circuit.Block{{Dims: []int{n}}, {Dims: []int{n}}}
		e := func(b int) circuit.Expr {
			return circuit.Expr{Letters: []lt{0}, Terms: []circuit.Term{{Coef: 1, Block: b, Axes: []lt{0}}}}
		}
		b := e(1)
		r := &circuit.Relation{Letters: []circuit.Axis{{Name: "i", Len: n}}, Sum: []circuit.Contraction{{Inner: []lt{0}, A: e(0), B: &b}}}
		v, ok := newEvaluator(ci, [][]int64{c.a, c.b}).rest(r, nil, nil, -1)
		if ok != c.ok || ok && v[0] != c.want {
			t.Errorf("%v . %v = %v %v", c.a, c.b, v, ok)
		}
	}
}
