package robust

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// search is one attack on one sample: it spends queries and remembers the closest wrong answer.
type search struct {
	ctx    context.Context
	model  *Model
	target target
	x      []float64 // the sample
	shape  []int     // of the input
	lo, hi float64
	norm   Norm
	eps    float64 // the budget of distance; methods that minimise go on within it
	budget int     // of queries
	starts [][]float64
	rng    *rand.Rand

	// minimise: the smallest distance counts, so a wrong answer within eps does not end the search.
	minimise bool

	queries int
	best    []float64 // the closest wrong answer's input, nil if there is none
	dist    float64   // its distance
	at      int       // queries when the budget of distance was first met
	err     error
}

// margin asks for one answer: below 0 it is wrong. Once done, it is +Inf.
func (s *search) margin(x []float64) float64 {
	if s.done() {
		return math.Inf(1)
	}
	s.queries++
	scores, err := s.model.Scores(s.ctx, x)
	if err != nil {
		s.err = err
		return math.Inf(1)
	}
	g := s.target.margin(scores)
	if g < 0 {
		if d := s.norm.distance(x, s.x); s.best == nil || d < s.dist {
			s.best, s.dist = slices.Clone(x), d
			if s.at == 0 && s.met() {
				s.at = s.queries
			}
		}
	}
	return g
}

// wrong asks for a label only.
func (s *search) wrong(x []float64) bool { return s.margin(x) < 0 }

// met reports whether a wrong answer within the budget of distance is known.
func (s *search) met() bool { return s.best != nil && s.dist <= s.eps*(1+1e-9) }

// done reports that nothing more may or need be asked.
func (s *search) done() bool {
	return s.err != nil || s.queries >= s.budget || s.ctx.Err() != nil || !s.minimise && s.met()
}

// picture is the input as height, width and channels, and how to step through them. An input without two axes longer than
// 1 is a line of height 1.
type picture struct {
	c, h, w    int
	sc, sh, sw int // strides
}

// asImage reads a shape: [.., C, H, W] with C of 1 or 3, [.., H, W, C], [H, W], or a line.
func asPicture(shape []int) picture {
	d := shape
	for len(d) > 2 && d[0] == 1 {
		d = d[1:]
	}
	size := 1
	for _, n := range d {
		size *= n
	}
	switch {
	case len(d) == 3 && d[1] > 1 && d[2] > 1 && (d[0] == 3 || d[0] <= 4 && d[2] != 3):
		return picture{d[0], d[1], d[2], d[1] * d[2], d[2], 1}
	case len(d) == 3 && d[2] <= 4 && d[0] > 1 && d[1] > 1:
		return picture{d[2], d[0], d[1], 1, d[1] * d[2], d[2]}
	case len(d) == 2 && d[0] > 1 && d[1] > 1:
		return picture{1, d[0], d[1], 0, d[1], 1}
	}
	return picture{1, 1, size, 0, size, 1}
}

// flat reports whether the input is no picture.
func (m picture) flat() bool { return m.h == 1 }

func (m picture) at(c, y, x int) int { return c*m.sc + y*m.sh + x*m.sw }

// window calls f for every entry of a square of the given side at (y, x).
func (m picture) window(c, y, x, side int, f func(i int)) {
	for v := y; v < min(y+side, m.h); v++ {
		for u := x; u < min(x+side, m.w); u++ {
			f(m.at(c, v, u))
		}
	}
}

func (s *search) gauss(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = s.rng.NormFloat64()
	}
	return out
}

func (s *search) sign() float64 { return float64(1 - 2*s.rng.IntN(2)) }
