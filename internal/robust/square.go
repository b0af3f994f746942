package robust

import "math"

// The Square attack: random search with squares that shrink. In the l0 ball it sets entries to the ends of the range.

// squareInit is the share of entries that the first squares cover.
const squareInit = 0.8

// shrink is the share of entries after a part of the budget: halved at fixed points of a search of 10000 queries.
func shrink(query, budget int) float64 {
	p, at := squareInit, query*10000/max(budget, 1)
	for _, point := range []int{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000} {
		if at > point {
			p /= 2
		}
	}
	return p
}

func square(s *search) {
	switch s.norm {
	case linf:
		squareLinf(s)
	case l2:
		squareL2(s)
	default:
		squareL0(s)
	}
}

// side is the side of a square of about a share p of the picture, or the length of an interval of a line.
func (m picture) side(p float64, least int) int {
	if m.flat() {
		return min(max(int(math.Round(p*float64(m.w))), least), m.w)
	}
	return min(max(int(math.Round(math.Sqrt(p*float64(m.h*m.w)))), least), m.h, m.w)
}

func (s *search) place(m picture, side int) (y, x int) {
	return s.rng.IntN(max(m.h-side, 0) + 1), s.rng.IntN(max(m.w-side, 0) + 1)
}

func squareLinf(s *search) {
	m := asPicture(s.shape)
	cur := append([]float64(nil), s.x...)
	for c := range m.c { // stripes
		for x := range m.w {
			d := s.sign() * s.eps
			for y := range m.h {
				cur[m.at(c, y, x)] += d
			}
		}
	}
	clip(cur, s.lo, s.hi)
	best := s.margin(cur)
	for k := 1; !s.done(); k++ {
		side := m.side(shrink(k, s.budget), 1)
		y, x := s.place(m, side)
		next := append([]float64(nil), cur...)
		for c := range m.c {
			d := s.sign() * s.eps
			m.window(c, y, x, side, func(i int) { next[i] = min(max(s.x[i]+d, s.lo), s.hi) })
		}
		if g := s.margin(next); g < best {
			cur, best = next, g
		}
	}
}

// bump is the paper's eta: a square of unit length, high in the middle, its halves of opposite sign.
func bump(m picture, side int, vertical bool) []float64 {
	rows := side
	if m.flat() {
		rows = 1
	}
	half := func(n, w, j, k int) float64 { // a pyramid over n x w, at (j, k)
		cy, cx := n/2, w/2
		reach := max(cy, cx) + 1
		sum := 0.0
		for r := range reach {
			if abs(j-cy) <= r && abs(k-cx) <= r {
				sum += 1 / float64((reach-r)*(reach-r))
			}
		}
		return sum
	}
	out := make([]float64, rows*side)
	for j := range rows {
		for k := range side {
			a, b := j, k
			n, w := rows, side
			if vertical && rows > 1 {
				a, b, n, w = k, j, side, rows
			}
			cut := w / 2
			if b < cut {
				out[j*side+k] = half(n, cut, a, b)
			} else {
				out[j*side+k] = -half(n, w-cut, a, b-cut)
			}
		}
	}
	if l := norm2(out); l > 0 {
		for i := range out {
			out[i] /= l
		}
	}
	return out
}

func abs(x int) int { return max(x, -x) }

func squareL2(s *search) {
	m := asPicture(s.shape)
	delta := make([]float64, len(s.x))
	side := max(1, m.side(0.04, 1))
	for y := 0; y < m.h; y += side {
		for x := 0; x < m.w; x += side {
			tile := bump(m, side, s.rng.IntN(2) == 0)
			for c := range m.c {
				d := s.sign()
				addTile(m, delta, tile, c, y, x, side, d)
			}
		}
	}
	candidate := func(d []float64) []float64 {
		out := append([]float64(nil), s.x...)
		l := norm2(d)
		for i := range out {
			out[i] += d[i] * s.eps / max(l, 1e-12)
		}
		clip(out, s.lo, s.hi)
		return out
	}
	for i, l := 0, norm2(delta); i < len(delta); i++ {
		delta[i] *= s.eps / max(l, 1e-12)
	}
	best := s.margin(candidate(delta))
	for k := 1; !s.done(); k++ {
		side := m.side(shrink(k, s.budget), min(3, max(m.h, m.w)))
		y1, x1 := s.place(m, side)
		y2, x2 := s.place(m, side)
		next := append([]float64(nil), delta...)
		for c := range m.c { // move the mass of the second square into the first
			freed, used := 0.0, 0.0
			m.window(c, y2, x2, side, func(i int) { freed += next[i] * next[i]; next[i] = 0 })
			m.window(c, y1, x1, side, func(i int) { used += next[i] * next[i] })
			total := norm2(next)
			budget := math.Sqrt(freed + used + max(s.eps*s.eps-total*total-freed, 0)/float64(m.c))
			tile, d := bump(m, side, s.rng.IntN(2) == 0), s.sign()
			m.window(c, y1, x1, side, func(i int) { next[i] /= max(math.Sqrt(used), 1e-10) })
			addTile(m, next, tile, c, y1, x1, side, d)
			l := 0.0
			m.window(c, y1, x1, side, func(i int) { l += next[i] * next[i] })
			m.window(c, y1, x1, side, func(i int) { next[i] *= budget / max(math.Sqrt(l), 1e-12) })
		}
		if g := s.margin(candidate(next)); g < best {
			delta, best = next, g
		}
	}
}

func addTile(m picture, to, tile []float64, c, y, x, side int, factor float64) {
	for j := 0; j < side && y+j < m.h; j++ {
		for k := 0; k < side && x+k < m.w; k++ {
			to[m.at(c, y+j, x+k)] += factor * tile[j*side+k]
		}
	}
}

// squareL0 changes int(eps) entries: some of them move at each step, fewer as the search goes on.
func squareL0(s *search) {
	n := len(s.x)
	k := min(int(s.eps), n)
	if k < 1 {
		return
	}
	order := s.rng.Perm(n) // the first k are changed
	end := func() float64 {
		if s.rng.IntN(2) == 0 {
			return s.lo
		}
		return s.hi
	}
	value := make([]float64, n)
	for i := range value {
		value[i] = end()
	}
	build := func(order []int, value []float64) []float64 {
		out := append([]float64(nil), s.x...)
		for _, i := range order[:k] {
			out[i] = value[i]
		}
		return out
	}
	best := s.margin(build(order, value))
	for q := 1; !s.done(); q++ {
		o, v := append([]int(nil), order...), append([]float64(nil), value...)
		moves := max(1, int(math.Round(shrink(q, s.budget)*float64(k)/2)))
		for range moves {
			a := s.rng.IntN(k)
			if k < n && s.rng.IntN(4) > 0 {
				b := k + s.rng.IntN(n-k)
				o[a], o[b] = o[b], o[a]
			}
			v[o[a]] = end()
		}
		if g := s.margin(build(o, v)); g <= best {
			order, value, best = o, v, g
		}
	}
}
