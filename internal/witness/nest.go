package witness

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// strides holds one stride for each letter of a relation; 0 for letters that a tensor does not hold.
type strides [64]int

// A contraction becomes a nest of loops; each adds its strides to the offsets into output, A and B. The product of all loops
// visits every index tuple at which all axis relations are 1, exactly once.
//
// Three kinds of loops: arithmetic (n steps of a constant stride); table (listed offsets); and the inner loop of a window
// relation with padding, arithmetic, whose length depends on the current point of its table loop.
type loop struct {
	id      int
	n       int // dependent loops: the largest length
	o, a, b int
	table   []point // not nil: a table loop
	child   int     // table loops: the id of the loop that takes its length from the point; -1
	parent  int     // dependent loops: the id of that table loop; -1
	split   bool    // different iterations write different outputs
}

type point struct{ o, a, b, n int }

// nest is ordered from the outermost loop to the innermost. scale multiplies everything; empty: nothing is summed.
type nest struct {
	loops   []loop
	o, a, b int
	scale   int64
	empty   bool
	next    int // next loop id
}

// space is the index set of a contraction: its output letters, its summed letters and the axis relations.
type space struct {
	letters []circuit.Axis
	out     []circuit.Letter
	inner   []circuit.Letter
	r       []circuit.AxisRelation
}

// newNest builds, merges and orders the loops. sizes are the lengths of output, A and B.
func newNest(s *space, so, sa, sb *strides, sizes [3]int) *nest {
	x := &nest{scale: 1}
	var tied [64]bool
	for i := range s.r {
		for _, l := range s.r[i].Letters {
			tied[l] = true
		}
		x.group(s, &s.r[i], so, sa, sb)
	}
	for _, ls := range [][]circuit.Letter{s.out, s.inner} {
		for _, l := range ls {
			if !tied[l] {
				x.arithmetic(s.letters[l].Len, so[l], sa[l], sb[l], so[l] != 0)
			}
		}
	}
	x.simplify()
	x.order(sizes)
	return x
}

func (x *nest) add(l loop) int {
	l.id = x.next
	x.next++
	if l.table == nil {
		l.child = -1
	}
	x.loops = append(x.loops, l)
	return l.id
}

func (x *nest) arithmetic(n, o, a, b int, split bool) {
	x.add(loop{n: n, o: o, a: a, b: b, parent: -1, split: split})
}

// points adds a table loop, or an arithmetic one if the points are a progression.
func (x *nest) points(ps []point, split bool) {
	if len(ps) == 0 {
		x.empty = true
		return
	}
	f := ps[0]
	d := point{}
	if len(ps) > 1 {
		d = point{ps[1].o - f.o, ps[1].a - f.a, ps[1].b - f.b, 0}
	}
	for i := range ps {
		if ps[i].o != f.o+i*d.o || ps[i].a != f.a+i*d.a || ps[i].b != f.b+i*d.b {
			x.add(loop{n: len(ps), table: ps, child: -1, parent: -1, split: split})
			return
		}
	}
	x.shift(f)
	x.arithmetic(len(ps), d.o, d.a, d.b, split)
}

func (x *nest) shift(p point) { x.o, x.a, x.b = x.o+p.o, x.a+p.a, x.b+p.b }

// group adds the loops of one axis relation.
func (x *nest) group(s *space, r *circuit.AxisRelation, so, sa, sb *strides) {
	n := func(i int) int { return s.letters[r.Letters[i]].Len }
	at := func(i int) point { l := r.Letters[i]; return point{so[l], sa[l], sb[l], 0} }
	plus := func(p, q point, times int) point {
		return point{p.o + times*q.o, p.a + times*q.a, p.b + times*q.b, p.n}
	}
	switch r.Kind {
	case circuit.Same:
		p := plus(at(0), at(1), 1)
		x.arithmetic(n(0), p.o, p.a, p.b, p.o != 0)
	case circuit.Affine:
		start, step := int(r.Params[0]), int(r.Params[1])
		lo, hi := progression(n(0), start, step, n(1))
		if lo > hi {
			x.empty = true
			return
		}
		x.shift(plus(plus(point{}, at(0), lo), at(1), start+lo*step))
		p := plus(at(0), at(1), step)
		x.arithmetic(hi-lo+1, p.o, p.a, p.b, p.o != 0)
	case circuit.Index:
		var ps []point
		for i, v := range r.Params {
			if v >= 0 {
				ps = append(ps, plus(plus(point{}, at(0), i), at(1), int(v)))
			}
		}
		x.points(ps, at(0).o != 0 && at(1).o == 0)
	case circuit.Window:
		stride, dilation, pad := int(r.Params[0]), int(r.Params[1]), int(r.Params[2])
		var ps []point
		alike := true
		for u := range n(1) {
			start := u*dilation - pad
			lo, hi := progression(n(0), start, stride, n(2))
			if lo > hi {
				continue
			}
			p := plus(plus(plus(point{}, at(1), u), at(0), lo), at(2), start+lo*stride)
			p.n = hi - lo + 1
			ps = append(ps, p)
			alike = alike && p.n == ps[0].n
		}
		if len(ps) == 0 {
			x.empty = true
			return
		}
		q := plus(at(0), at(2), stride)
		splitI, splitU := at(0).o != 0 && at(2).o == 0, at(1).o != 0 && at(2).o == 0
		if alike {
			count := ps[0].n
			x.points(ps, splitU)
			x.arithmetic(count, q.o, q.a, q.b, splitI)
			return
		}
		longest := slices.MaxFunc(ps, func(p, q point) int { return p.n - q.n }).n
		u := x.add(loop{n: len(ps), table: ps, parent: -1, split: splitU})
		x.loops[len(x.loops)-1].child = x.add(loop{n: longest, o: q.o, a: q.a, b: q.b, parent: u})
	case circuit.Reshape:
		x.reshape(s, r, at, n)
	}
}

// progression is the range of i in [0, n) with 0 <= start + i*step < limit; lo > hi if there is none.
func progression(n, start, step, limit int) (lo, hi int) {
	lo, hi = 0, n-1
	switch {
	case step == 0:
		if start < 0 || start >= limit {
			return 1, 0
		}
	case step > 0:
		lo = max(lo, ceilDiv(-start, step))
		hi = min(hi, floorDiv(limit-1-start, step))
	default:
		lo = max(lo, ceilDiv(start-limit+1, -step))
		hi = min(hi, floorDiv(start, -step))
	}
	return lo, hi
}

func floorDiv(x, y int) int {
	q := x / y
	if x%y != 0 && (x < 0) != (y < 0) {
		q--
	}
	return q
}

func ceilDiv(x, y int) int { return -floorDiv(-x, y) }

// reshape cuts both sides into common factors from the last letter on, one arithmetic loop each; what does not divide
// becomes a table.
func (x *nest) reshape(s *space, r *circuit.AxisRelation, at func(int) point, n func(int) int) {
	type factor struct {
		n int
		p point
	}
	left := int(r.Params[0])
	var sides [2][]factor
	whole := [2]bool{true, true} // all letters of the side are output letters
	for i, l := range r.Letters {
		side := 0
		if i >= left {
			side = 1
		}
		sides[side] = append(sides[side], factor{n(i), at(i)})
		whole[side] = whole[side] && slices.Contains(s.out, l)
	}
	split := whole[0] || whole[1]
	times := func(p point, k int) point { return point{p.o * k, p.a * k, p.b * k, 0} }
	for len(sides[0]) > 0 && len(sides[1]) > 0 {
		f, g := &sides[0][len(sides[0])-1], &sides[1][len(sides[1])-1]
		if f.n == 1 {
			sides[0] = sides[0][:len(sides[0])-1]
			continue
		}
		if g.n == 1 {
			sides[1] = sides[1][:len(sides[1])-1]
			continue
		}
		m := min(f.n, g.n)
		if f.n%m != 0 || g.n%m != 0 {
			break
		}
		x.arithmetic(m, f.p.o+g.p.o, f.p.a+g.p.a, f.p.b+g.p.b, split)
		f.n, g.n = f.n/m, g.n/m
		f.p, g.p = times(f.p, m), times(g.p, m)
	}
	total := 1
	for _, f := range sides[0] {
		total *= f.n
	}
	if total == 1 {
		return // the other side is of length 1 too
	}
	ps := make([]point, total)
	for t := range ps {
		for _, side := range sides {
			v := t
			for i := len(side) - 1; i >= 0; i-- {
				d := times(side[i].p, v%side[i].n)
				ps[t] = point{ps[t].o + d.o, ps[t].a + d.a, ps[t].b + d.b, 0}
				v /= side[i].n
			}
		}
	}
	x.points(ps, split)
}

// simplify drops loops of length 1, turns loops without any stride into a factor, and merges loops that run on from each
// other.
func (x *nest) simplify() {
	plain := func(l *loop) bool { return l.table == nil && l.parent < 0 }
	x.loops = slices.DeleteFunc(x.loops, func(l loop) bool {
		if !plain(&l) {
			return false
		}
		if l.n > 1 && l.o == 0 && l.a == 0 && l.b == 0 {
			x.scale *= int64(l.n) // at most 2^40
			return true
		}
		return l.n == 1
	})
merge:
	for i := range x.loops {
		for j := range x.loops {
			u, v := &x.loops[i], &x.loops[j]
			if i != j && plain(u) && plain(v) && u.split == v.split && u.o == v.n*v.o && u.a == v.n*v.a && u.b == v.n*v.b {
				v.n *= u.n
				x.loops = slices.Delete(x.loops, i, i+1)
				goto merge
			}
		}
	}
}

// order chooses the innermost loop by its cost for each product, the next one likewise, and sorts the others by falling
// stride in the largest tensor. A dependent loop stays inside its table loop.
func (x *nest) order(sizes [3]int) {
	if len(x.loops) == 0 {
		x.add(loop{n: 1, parent: -1})
	}
	far := func(stride, size int) float64 {
		switch {
		case stride >= -1 && stride <= 1:
			return 0
		case size <= 4<<10:
			return 0.15
		case stride > -8 && stride < 8:
			return 0.25
		}
		return 1.2
	}
	travel := func(l *loop) float64 { return far(l.o, sizes[0]) + far(l.a, sizes[1]) + far(l.b, sizes[2]) }
	take := func(cost func(*loop) float64) (loop, bool) {
		best, at := math.Inf(1), -1
		for i := range x.loops {
			if c := cost(&x.loops[i]); c < best {
				best, at = c, i
			}
		}
		if at < 0 {
			return loop{}, false
		}
		l := x.loops[at]
		x.loops = slices.Delete(x.loops, at, at+1)
		return l, true
	}
	inner, ok := take(func(l *loop) float64 {
		if l.table != nil {
			return math.Inf(1)
		}
		work := 0.5
		if l.o != 0 {
			work = 0.7
		}
		return work + travel(l) + 4/float64(l.n)
	})
	if !ok { // only tables
		x.add(loop{n: 1, parent: -1})
		inner = x.loops[len(x.loops)-1]
		x.loops = x.loops[:len(x.loops)-1]
	}
	second, ok := take(func(l *loop) float64 {
		if l.table != nil {
			return math.Inf(1)
		}
		work := 0.0
		if inner.o != 0 && l.o != 0 { // the kernels sum several iterations at once
			work = 0.3
		}
		return work + (travel(l)+8/float64(l.n))/float64(inner.n)
	})
	largest := 0
	for i := range sizes {
		if sizes[i] > sizes[largest] {
			largest = i
		}
	}
	weight := func(l *loop) int {
		s := [3]int{l.o, l.a, l.b}
		if l.table != nil {
			p, q := l.table[0], l.table[len(l.table)-1]
			d := max(1, len(l.table)-1)
			s = [3]int{(q.o - p.o) / d, (q.a - p.a) / d, (q.b - p.b) / d}
		}
		return max(s[largest], -s[largest])
	}
	slices.SortStableFunc(x.loops, func(l, m loop) int { return weight(&m) - weight(&l) })
	if ok {
		x.loops = append(x.loops, second)
	}
	x.loops = append(x.loops, inner)
	for i := 0; i < len(x.loops); i++ {
		if p := x.loops[i].parent; p >= 0 {
			j := slices.IndexFunc(x.loops, func(l loop) bool { return l.id == p })
			if j > i {
				l := x.loops[j]
				x.loops = slices.Insert(slices.Delete(x.loops, j, j+1), i, l)
			}
		}
	}
}
