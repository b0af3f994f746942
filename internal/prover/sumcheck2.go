package prover

import (
	"slices"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/parallel"
)

// functional is E, the weights of V in sumcheck 2: dense on ranges of V, and a single eq term on each lazy cell between.
type functional struct {
	v      *vector
	ranges []denseRange
	cells  []lazyCell
	kMin   int // variables of the smallest cell; all ranges start and end at multiples of 2^kMin
}

// denseRange is a part of V with its weights.
type denseRange struct {
	offset int
	v, e   fr.Vector
}

// lazyCell is a large part of V that exactly one claim reads, at one point: a layer's weights, a function table, the
// multiplicities, a helper column.
type lazyCell struct {
	offset, vars int
	ints         func() []int64 // padded, or
	full         fr.Vector
	term         *claims.Term
}

// minCell is the number of variables from which a block is worth a cell.
const minCell = 12

// newFunctional finds the lazy cells and allocates the rest.
func newFunctional(v *vector) *functional {
	lay := v.lay
	f := &functional{v: v, kMin: lay.N}
	add := func(c lazyCell) {
		if c.vars >= minCell {
			f.cells = append(f.cells, c)
			f.kMin = min(f.kMin, c.vars)
		}
	}
	for i, n := range uses(lay.C) {
		b := &lay.C.Blocks[i]
		if !lay.Key && n == 1 && (b.Role == circuit.Private || b.Role == circuit.Fixed) {
			k := circuit.PaddedLog(b.Dims)
			add(lazyCell{offset: lay.At[i], vars: k, ints: func() []int64 { return paddedInts(b.Dims, v.values[i]) }})
		}
	}
	add(lazyCell{offset: lay.M, vars: lay.TableVars, ints: func() []int64 { return v.w[lay.M-v.w0:][:1<<lay.TableVars] }})
	add(lazyCell{offset: lay.HT, vars: lay.TableVars, full: v.h[lay.HT-v.h0:][:1<<lay.TableVars]})
	for _, at := range lay.Helpers {
		add(lazyCell{offset: at, vars: lay.HeightVars, full: v.h[at-v.h0:][:1<<lay.HeightVars]})
	}
	f.kMin = min(f.kMin, max(minCell, lay.L))
	slices.SortFunc(f.cells, func(a, b lazyCell) int { return a.offset - b.offset })
	f.addRanges()
	return f
}

// addRanges covers what is committed outside the cells, in pieces of 2^kMin: gaps between segments are left out.
func (f *functional) addRanges() {
	lay, piece := f.v.lay, 1<<f.kMin
	used := make([]bool, 1<<(lay.N-f.kMin))
	mark := func(from, to int) {
		for at := from; at < to; at += 1 << min(lay.L, f.kMin) {
			used[at>>f.kMin] = true
		}
	}
	for _, r := range lay.Rows {
		mark(r.First<<lay.L, (r.First+r.Count)<<lay.L)
	}
	for _, s := range lay.Slots { // columns of a key proof reach beyond the last row
		mark(s.In, s.In+1<<lay.HeightVars)
	}
	for _, c := range f.cells {
		for i := c.offset >> f.kMin; i < (c.offset+1<<c.vars)>>f.kMin; i++ {
			used[i] = false
		}
	}
	for i := 0; i < len(used); i++ {
		start := i
		for i < len(used) && used[i] {
			i++
		}
		if n := (i - start) * piece; n > 0 {
			r := denseRange{offset: start * piece, v: make(fr.Vector, n), e: make(fr.Vector, n)}
			f.v.fill(r.v, r.offset)
			f.ranges = append(f.ranges, r)
		}
	}
}

// paddedInts lays values out over padded axes.
func paddedInts(dims []int, values []int64) []int64 {
	if n := 1 << circuit.PaddedLog(dims); len(values) != n {
		padded := make([]int64, n)
		place(padded, dims, values)
		return padded
	}
	return values
}

// uses counts how many claims read each block; a linear contraction or a left side counts as two.
func uses(c *circuit.Circuit) []int {
	n := make([]int, len(c.Blocks))
	add := func(e *circuit.Expr, k int) {
		for _, t := range e.Terms {
			if t.Block != circuit.None {
				n[t.Block] += k
			}
		}
	}
	for i := range c.Relations {
		add(&c.Relations[i].LHS, 2)
		for _, k := range c.Relations[i].Sum {
			if k.B == nil {
				add(&k.A, 2)
			} else {
				add(&k.A, 1)
				add(k.B, 1)
			}
		}
	}
	for i := range c.Tables {
		if c.Tables[i].Out != circuit.None {
			n[c.Tables[i].Out]++
		}
	}
	return n
}

// add adds scale times a functional's weights.
func (f *functional) add(g claims.Functional, scale *fr.Element) {
	terms := make([]claims.Term, 0, len(g)) // those on ranges
	for i := range g {
		t := g[i]
		t.Coef.Mul(&t.Coef, scale)
		if c := f.cell(t.Offset); c != nil {
			c.term = &t
			continue
		}
		terms = append(terms, t)
	}
	var mu sync.Mutex
	parallel.Tasks(len(terms), func(i int) {
		t := &terms[i]
		r := f.rangeOf(t.Offset)
		w := t.Dense()
		dst := r.e[t.Offset-r.offset:][:len(w)]
		mu.Lock()
		defer mu.Unlock()
		dst.Add(dst, w)
	})
}

func (f *functional) cell(offset int) *lazyCell {
	for i := range f.cells {
		if f.cells[i].offset == offset {
			return &f.cells[i]
		}
	}
	return nil
}

func (f *functional) rangeOf(offset int) *denseRange {
	for i := range f.ranges {
		if r := &f.ranges[i]; r.offset <= offset && offset < r.offset+len(r.e) {
			return r
		}
	}
	panic("prover: internal error: a term outside V")
}

// value is the functional's value on V, while it has no term on a lazy cell.
func (f *functional) value() fr.Element {
	var total fr.Element
	var mu sync.Mutex
	for i := range f.ranges {
		r := &f.ranges[i]
		parallel.Ranges(len(r.v), 4096, func(lo, hi int) {
			v, e := r.v[lo:hi], r.e[lo:hi]
			part := v.InnerProduct(e)
			mu.Lock()
			total.Add(&total, &part)
			mu.Unlock()
		})
	}
	return total
}

// scale multiplies all weights.
func (f *functional) scale(s *fr.Element) {
	for i := range f.ranges {
		e := f.ranges[i].e
		parallel.Ranges(len(e), 4096, func(lo, hi int) {
			part := e[lo:hi]
			part.ScalarMul(part, s)
		})
	}
}

// prove runs sumcheck 2 on sum_b V(b) E(b) + mu g2(b): it returns the point and E there. The functional is used up.
func (f *functional) prove(mask maskPoly, mu *fr.Element, send func([]fr.Element) fr.Element) ([]fr.Element, fr.Element) {
	var products []*product
	for _, r := range f.ranges {
		products = append(products, &product{f: r.v, g: r.e})
	}
	var cells []*eqCell
	for _, c := range f.cells {
		if c.term == nil {
			panic("prover: internal error: a lazy cell without a claim")
		}
		var ints []int64
		if c.ints != nil {
			ints = c.ints()
		}
		var point []fr.Element
		for _, a := range c.term.Axes {
			point = append(point, a.Point...)
		}
		cells = append(cells, newEqCell(c.offset, ints, c.full, c.term.Coef, point))
	}
	n := len(mask.degrees)
	merged := f.kMin == n && len(f.ranges) == 1 && len(cells) == 0
	var point []fr.Element
	one := fr.One()
	for j := range n {
		if !merged && j == f.kMin {
			products = []*product{f.merge(products, n-j, j)}
			merged = true
		}
		if merged {
			cells = slices.DeleteFunc(cells, func(c *eqCell) bool {
				if c.vars() != j {
					return false
				}
				at := c.offset >> j
				products[0].f[at], products[0].g[at] = c.ends()
				return true
			})
		}
		out := make([]fr.Element, 3)
		for _, p := range products {
			addTo(out, p.round(), &one)
		}
		for _, c := range cells {
			addTo(out, c.round(), &one)
		}
		addTo(out, mask.round(j, point), mu)
		x := send(out)
		point = append(point, x)
		for _, p := range products {
			p.fold(&x)
		}
		for _, c := range cells {
			c.fold(&x)
		}
	}
	if !merged {
		products = []*product{f.merge(products, 0, n)}
	}
	for _, c := range cells { // a cell that is all of V
		products[0].f[c.offset>>n], products[0].g[c.offset>>n] = c.ends()
	}
	return point, products[0].g[0]
}

// merge joins the ranges, folded down to entries of 2^j, into one vector of 2^vars.
func (f *functional) merge(products []*product, vars, j int) *product {
	p := &product{f: make(fr.Vector, 1<<vars), g: make(fr.Vector, 1<<vars)}
	for i, q := range products {
		copy(p.f[f.ranges[i].offset>>j:], q.f)
		copy(p.g[f.ranges[i].offset>>j:], q.g)
	}
	return p
}
