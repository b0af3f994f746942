package prover

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// contraction is a bilinear contraction at the output point, as two sumchecks one after the other:
//
//	phase 1, over the letters of B:    sum B * T * W      T = sum over the other inner letters of A * prod R
//	phase 2, over the other letters:   sum A * R * scale  with phase 1's letters bound in A, R, B and W
//
// W holds the axis relations with letters that A and B both hold (`same`; the window of a sum of products, its offset
// summed until phase 2): they may not be folded into T, since then T would not be multilinear in them. T
// is a multilinear extension because each of its other letters is held once beside B.
type contraction struct {
	rel        *circuit.Relation
	k          *circuit.Contraction
	points     claims.Points // output letters, then inner letters as they are bound
	nvars      int
	first      int        // variables of phase 1
	weight     fr.Element // public factor
	a          fr.Vector  // A over all its inner letters, in binding order, until phase 2
	prod       *product
	r          []fr.Element
	bEnd, rEnd fr.Element // after phase 1: B, and the axis relations that are bound
}

// newContraction evaluates both operands at the output point.
func newContraction(rel *circuit.Relation, k *circuit.Contraction, rho []fr.Element, values [][]int64) (*contraction, error) {
	p := &contraction{rel: rel, k: k, points: claims.OutPoints(rel, rho), nvars: rel.Vars(k.Inner)}
	p.weight = claims.Weight(rel, k, p.points)
	held := func(e *circuit.Expr) []circuit.Letter { // inner letters of an expression, in binding order
		var out []circuit.Letter
		for _, l := range k.Inner {
			if slices.Contains(e.Letters, l) {
				out = append(out, l)
			}
		}
		return out
	}
	lettersA, lettersB := held(&k.A), held(k.B)
	if !slices.Equal(lettersB, k.Inner[:len(lettersB)]) {
		return nil, fmt.Errorf("prover: relation %s: the letters of B do not come first", rel.Name)
	}
	p.first = rel.Vars(lettersB)
	a := p.expression(&k.A, lettersA, values)
	p.a = p.pad(a, lettersA)
	b := p.pad(p.expression(k.B, lettersB, values), lettersB)
	t, w, err := p.foldA(a, lettersB)
	if err != nil {
		return nil, err
	}
	p.prod = &product{f: b, g: p.padOnes(t, lettersB), w: w}
	if p.first == 0 {
		p.secondPhase()
	}
	return p, nil
}

// expression is an expression over its inner letters, output letters bound; dims unpadded, axes in the letters' order
// reversed (row-major: the first letter, which owns the lowest variables, is the last axis).
func (p *contraction) expression(e *circuit.Expr, letters []circuit.Letter, values [][]int64) array {
	out := array{letters: slices.Clone(letters)}
	slices.Reverse(out.letters)
	for _, l := range out.letters {
		out.dims = append(out.dims, p.rel.Letters[l].Len)
	}
	out.data = make(fr.Vector, circuit.Count(out.dims))
	for i := range e.Terms {
		t := &e.Terms[i]
		var v []int64
		if t.Block != circuit.None {
			v = values[t.Block]
		}
		term := bindTerm(p.rel, t, v, p.points)
		scale := fr.One()
		for _, l := range e.Letters { // output letters that the term lacks
			if p.points[l] != nil && !slices.Contains(t.Axes, l) {
				lt := poly.Lt(p.rel.Letters[l].Len, p.points[l])
				scale.Mul(&scale, &lt)
			}
		}
		if !scale.IsOne() {
			term.data.ScalarMul(term.data, &scale)
		}
		out.accumulate(term)
	}
	return out
}

// accumulate adds an array over some of a's letters, in any order, broadcast over the others.
func (a *array) accumulate(t array) {
	if slices.Equal(a.letters, t.letters) {
		a.data.Add(a.data, t.data)
		return
	}
	strides := make([]int, len(a.letters))
	for i, l := range a.letters {
		if j := slices.Index(t.letters, l); j >= 0 {
			strides[i] = circuit.Count(t.dims[j+1:])
		}
	}
	walk(a.dims, strides, func(dst, src int) { a.data[dst].Add(&a.data[dst], &t.data[src]) })
}

// walk visits every index of a row-major array with the offset that the strides give it elsewhere.
func walk(dims, strides []int, f func(at, other int)) {
	at := make([]int, len(dims))
	n, other := circuit.Count(dims), 0
	for i := range n {
		f(i, other)
		for d := len(dims) - 1; d >= 0; d-- {
			at[d]++
			other += strides[d]
			if at[d] < dims[d] {
				break
			}
			other -= strides[d] * dims[d]
			at[d] = 0
		}
	}
}

// pad lays an array over the padded index of the letters (the first letter lowest), broadcast inside the bounds over
// letters that it lacks.
func (p *contraction) pad(a array, letters []circuit.Letter) fr.Vector {
	full := slices.Clone(letters)
	slices.Reverse(full)
	dims, src, dst := make([]int, len(full)), make([]int, len(full)), make([]int, len(full))
	size := 1
	for i := len(full) - 1; i >= 0; i-- {
		dims[i] = p.rel.Letters[full[i]].Len
		dst[i] = size
		size <<= circuit.Log2Ceil(dims[i])
		if j := slices.Index(a.letters, full[i]); j >= 0 {
			src[i] = circuit.Count(a.dims[j+1:])
		}
	}
	out := make(fr.Vector, size)
	to := make([]int, 0, circuit.Count(dims))
	walk(dims, dst, func(_, at int) { to = append(to, at) })
	walk(dims, src, func(i, at int) { out[to[i]] = a.data[at] })
	return out
}

// foldA sums A over its letters outside B against the axis relations, and separates the relations that A and B share.
func (p *contraction) foldA(a array, lettersB []circuit.Letter) (array, fr.Vector, error) {
	t := array{slices.Clone(a.letters), slices.Clone(a.dims), a.data}
	var w fr.Vector
	for i := range p.k.R {
		r := &p.k.R[i]
		var inB, rest []circuit.Letter
		for _, l := range r.Letters {
			switch {
			case p.points[l] != nil:
			case slices.Contains(lettersB, l):
				inB = append(inB, l)
			default:
				rest = append(rest, l)
			}
		}
		inA := func(l circuit.Letter) bool { return slices.Contains(t.letters, l) }
		switch {
		case !slices.ContainsFunc(rest, inA): // A lacks the other letters: they are summed in the relation
			w = p.multiply(w, r, inB, lettersB)
		case slices.ContainsFunc(inB, inA):
			return t, nil, fmt.Errorf("prover: relation %s: an axis relation holds a letter of A and B and another of A", p.rel.Name)
		default:
			t = p.replace(t, r, inB, rest)
		}
	}
	for i := 0; i < len(t.letters); { // letters of A alone
		if slices.Contains(lettersB, t.letters[i]) {
			i++
			continue
		}
		ones := make(fr.Vector, t.dims[i])
		for j := range ones {
			ones[j].SetOne()
		}
		t = t.contract(i, ones)
	}
	return t, w, nil
}

// multiply multiplies W, over the letters of B, by an axis relation; its letters outside B are summed.
func (p *contraction) multiply(w fr.Vector, r *circuit.AxisRelation, inB, lettersB []circuit.Letter) fr.Vector {
	a := p.relationOver(r, inB)
	full := p.padOnes(a, lettersB)
	if w == nil {
		return full
	}
	w.Mul(w, full)
	return w
}

// relationOver is an axis relation as an array over some of its letters, the others bound or else summed.
func (p *contraction) relationOver(r *circuit.AxisRelation, letters []circuit.Letter) array {
	a := array{letters: letters}
	for _, l := range letters {
		a.dims = append(a.dims, p.rel.Letters[l].Len)
	}
	a.data = make(fr.Vector, circuit.Count(a.dims))
	p.eachEntry(r, letters, func(at int, w *fr.Element) { a.data[at].Add(&a.data[at], w) })
	return a
}

// eachEntry calls f with the entries of an axis relation as an array over some of its letters, row-major; an index may come more than
// once, for several values of the summed letters.
func (p *contraction) eachEntry(r *circuit.AxisRelation, letters []circuit.Letter, f func(at int, w *fr.Element)) {
	tables, strides := make([]fr.Vector, len(r.Letters)), make([]int, len(r.Letters))
	for i, l := range r.Letters {
		if j := slices.Index(letters, l); j >= 0 {
			strides[i] = 1
			for _, m := range letters[j+1:] {
				strides[i] *= p.rel.Letters[m].Len
			}
		} else if p.points[l] != nil {
			tables[i] = poly.EqTable(p.points[l], fr.One())
		}
	}
	r.Each(p.rel.Letters, func(idx []int) {
		v, at := fr.One(), 0
		for i, x := range idx {
			at += strides[i] * x
			if tables[i] != nil {
				v.Mul(&v, &tables[i][x])
			}
		}
		f(at, &v)
	})
}

// replace sums the letters `rest` of t against an axis relation, which gives it the letters inB instead.
func (p *contraction) replace(t array, r *circuit.AxisRelation, inB, rest []circuit.Letter) array {
	var have []circuit.Letter // the others, which A lacks, are summed in the relation
	for _, l := range rest {
		if slices.Contains(t.letters, l) {
			have = append(have, l)
		}
	}
	// t as [kept, have], the relation as entries (have, weight) of each index of inB
	var kept []circuit.Letter
	for _, l := range t.letters {
		if !slices.Contains(have, l) {
			kept = append(kept, l)
		}
	}
	t = t.transposed(append(slices.Clone(kept), have...))
	n := circuit.Count(t.dims[len(kept):])
	rows := circuit.Count(t.dims[:len(kept)])
	out := array{letters: append(kept, inB...), dims: slices.Clone(t.dims[:len(kept)])}
	for _, l := range inB {
		out.dims = append(out.dims, p.rel.Letters[l].Len)
	}
	cols := circuit.Count(out.dims[len(kept):])
	out.data = make(fr.Vector, rows*cols)
	sparse := make([][]entry, cols)
	p.eachEntry(r, append(slices.Clone(inB), have...), func(at int, w *fr.Element) {
		sparse[at/n] = append(sparse[at/n], entry{at % n, *w})
	})
	for c := range sparse {
		sparse[c] = merged(sparse[c])
	}
	parallel.Ranges(rows, 1+256/max(cols, 1), func(lo, hi int) {
		for row := lo; row < hi; row++ {
			src := t.data[row*n : (row+1)*n]
			for c := range cols {
				var acc fr.Element
				for i := range sparse[c] {
					var v fr.Element
					v.Mul(&src[sparse[c][i].at], &sparse[c][i].v)
					acc.Add(&acc, &v)
				}
				out.data[row*cols+c] = acc
			}
		}
	})
	return out
}

// merged is a list with one entry for each place, in order.
func merged(list []entry) []entry {
	byPlace := func(a, b entry) int { return cmp.Compare(a.at, b.at) }
	if !slices.IsSortedFunc(list, byPlace) {
		slices.SortFunc(list, byPlace)
	}
	out := list[:0]
	for _, e := range list {
		if k := len(out) - 1; k >= 0 && out[k].at == e.at {
			out[k].v.Add(&out[k].v, &e.v)
			continue
		}
		out = append(out, e)
	}
	return out
}

// transposed is the array with its axes in the given order.
func (a array) transposed(letters []circuit.Letter) array {
	if slices.Equal(a.letters, letters) {
		return a
	}
	out := array{letters: letters}
	var strides []int
	for _, l := range letters {
		j := slices.Index(a.letters, l)
		out.dims = append(out.dims, a.dims[j])
		strides = append(strides, circuit.Count(a.dims[j+1:]))
	}
	out.data = make(fr.Vector, len(a.data))
	walk(out.dims, strides, func(at, src int) { out.data[at] = a.data[src] })
	return out
}

// secondPhase starts when all letters of B are bound.
func (p *contraction) secondPhase() {
	p.bEnd = p.prod.f[0]
	p.points = p.points.WithInner(p.rel, p.k, append(slices.Clone(p.r), make([]fr.Element, p.nvars-p.first)...))
	inA := func(l circuit.Letter) bool { return slices.Contains(p.k.A.Letters, l) }
	var rest []circuit.Letter
	var low []fr.Element // A's letters that B holds own A's lowest variables
	for _, l := range p.k.Inner {
		switch {
		case !slices.Contains(p.k.B.Letters, l):
			rest = append(rest, l)
			p.points[l] = nil
		case inA(l):
			low = append(low, p.points[l]...)
		}
	}
	a := evalLow(p.a, low)
	p.a = nil
	// the axis relations over the remaining letters
	full := array{data: fr.Vector{fr.One()}}
	p.rEnd = fr.One()
	for i := range p.k.R {
		r := &p.k.R[i]
		var free []circuit.Letter
		for _, l := range r.Letters {
			if slices.Contains(rest, l) {
				free = append(free, l)
			}
		}
		if len(free) == 0 {
			p.rEnd.Mul(&p.rEnd, &p.relationOver(r, nil).data[0])
			continue
		}
		full = full.outer(p.relationOver(r, free))
	}
	scale := p.bEnd
	scale.Mul(&scale, &p.rEnd)
	// A over all remaining letters; a letter that A lacks is held by an axis relation
	p.prod = &product{f: p.spread(a, rest, inA), g: p.padOnes(full, rest), scale: &scale}
}

// outer is the outer product of two arrays over different letters.
func (a array) outer(b array) array {
	out := array{letters: append(slices.Clone(a.letters), b.letters...), dims: append(slices.Clone(a.dims), b.dims...)}
	out.data = make(fr.Vector, len(a.data)*len(b.data))
	for i := range a.data {
		part := out.data[i*len(b.data) : (i+1)*len(b.data)]
		part.ScalarMul(b.data, &a.data[i])
	}
	return out
}

// padOnes lays an array over the padded index of the letters; along letters that it lacks it is 1 everywhere, padding
// included: A is 0 there, and the verifier's factor for such a letter is 1.
func (p *contraction) padOnes(a array, letters []circuit.Letter) fr.Vector {
	out := p.pad(a, letters)
	at := 0
	for _, l := range letters {
		n := circuit.Log2Ceil(p.rel.Letters[l].Len)
		if !slices.Contains(a.letters, l) {
			mask := (1<<n - 1) << at
			for i := range out {
				if x := i & mask >> at; x >= p.rel.Letters[l].Len {
					out[i] = out[i&^mask]
				}
			}
		}
		at += n
	}
	return out
}

// spread repeats a table over A's letters along the letters that A lacks, padding included.
func (p *contraction) spread(a fr.Vector, letters []circuit.Letter, inA func(circuit.Letter) bool) fr.Vector {
	out := a
	at := 0
	for _, l := range letters {
		n := circuit.Log2Ceil(p.rel.Letters[l].Len)
		if !inA(l) {
			wide := make(fr.Vector, len(out)<<n)
			for i := range wide {
				wide[i] = out[i>>(at+n)<<at|i&(1<<at-1)]
			}
			out = wide
		}
		at += n
	}
	return out
}

// evalLow binds the lowest variables of a table to a point.
func evalLow(v fr.Vector, point []fr.Element) fr.Vector {
	if len(point) == 0 {
		return v
	}
	w := poly.EqTable(point, fr.One())
	out := make(fr.Vector, len(v)/len(w))
	parallel.Ranges(len(out), 1+1024/len(w), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = poly.Dot(v[i*len(w):(i+1)*len(w)], w)
		}
	})
	return out
}

func (p *contraction) vars() int { return p.nvars }

// round is the round polynomial of the contraction's current variable, weight included.
func (p *contraction) round() []fr.Element {
	out := p.prod.round()
	for i := range out {
		out[i].Mul(&out[i], &p.weight)
	}
	return out
}

func (p *contraction) fold(x *fr.Element) {
	p.r = append(p.r, *x)
	p.prod.fold(x)
	if len(p.r) == p.first {
		p.secondPhase()
	}
}

// ends are, after all variables are bound, the values of A and B and the public factor beside them.
func (p *contraction) ends() (a, b, w fr.Element) {
	w.Mul(&p.rEnd, &p.prod.g[0]).Mul(&w, &p.weight)
	return p.prod.f[0], p.bEnd, w
}
