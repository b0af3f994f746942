package robust

import "math"

// Attacks that read scores and need no picture: SimBA and NES.

// simba tries each direction of a basis, one sign and then the other, and keeps what lowers the margin. In l2 the basis is
// the entries, or for pictures the cosine transform, low frequencies first; in l0 an entry goes to an end of the range.
func simba(dct bool) func(*search) {
	return func(s *search) {
		m := asPicture(s.shape)
		n := len(s.x)
		cur := append([]float64(nil), s.x...)
		best := s.margin(cur)
		step := s.eps / 4
		if s.norm == l2 {
			step = min(step, 0.2*(s.hi-s.lo))
		}
		for !s.done() {
			before := best
			order := s.rng.Perm(n)
			if dct && !m.flat() {
				order = lowFirst(m, order)
			}
			for _, i := range order {
				for _, sign := range []float64{-1, 1} {
					next := append([]float64(nil), cur...)
					switch {
					case s.norm == l0 && sign < 0:
						next[i] = s.lo
					case s.norm == l0:
						next[i] = s.hi
					case dct && !m.flat():
						addWave(m, next, i, sign*step)
					default:
						next[i] += sign * step
					}
					clip(next, s.lo, s.hi)
					s.norm.project(next, s.x, s.eps, s.lo, s.hi)
					if g := s.margin(next); g < best {
						cur, best = next, g
						break
					}
					if s.done() {
						return
					}
				}
			}
			if best == before {
				if step /= 2; step < 1e-4*(s.hi-s.lo) || s.norm == l0 {
					return
				}
			}
		}
	}
}

// lowFirst puts the waves of the lower half of the frequencies before the others.
func lowFirst(m picture, order []int) []int {
	var low, high []int
	for _, i := range order {
		if i/m.w%m.h < (m.h+1)/2 && i%m.w < (m.w+1)/2 {
			low = append(low, i)
		} else {
			high = append(high, i)
		}
	}
	return append(low, high...)
}

// addWave adds an element of the cosine basis, of length size; index counts channels, then rows, then columns of frequencies.
func addWave(m picture, x []float64, index int, size float64) {
	c, v, u := index/(m.h*m.w), index/m.w%m.h, index%m.w
	scale := func(n, k int) float64 {
		if k == 0 {
			return math.Sqrt(1 / float64(n))
		}
		return math.Sqrt(2 / float64(n))
	}
	for y := range m.h {
		for w := range m.w {
			x[m.at(c, y, w)] += size * scale(m.h, v) * scale(m.w, u) *
				math.Cos(math.Pi*(float64(y)+0.5)*float64(v)/float64(m.h)) * math.Cos(math.Pi*(float64(w)+0.5)*float64(u)/float64(m.w))
		}
	}
}

// nes estimates the margin's gradient from antithetic pairs (Gaussian directions: NES; signs: SPSA) and descends in the ball.
func nes(signs bool) func(*search) {
	return func(s *search) {
		n := len(s.x)
		width := s.hi - s.lo
		sigma := 0.01 * width
		pairs := max(5, min(25, s.budget/20))
		cur := append([]float64(nil), s.x...)
		if s.margin(cur) < 0 {
			return
		}
		velocity := make([]float64, n)
		for t := 0; !s.done(); t++ {
			grad := make([]float64, n)
			for range pairs {
				d := s.gauss(n)
				if signs {
					for i := range d {
						d[i] = math.Copysign(1, d[i])
					}
				}
				a, b := append([]float64(nil), cur...), append([]float64(nil), cur...)
				for i := range d {
					a[i] += sigma * d[i]
					b[i] -= sigma * d[i]
				}
				clip(a, s.lo, s.hi)
				clip(b, s.lo, s.hi)
				ga, gb := s.margin(a), s.margin(b)
				if s.done() {
					return
				}
				if math.IsInf(ga, 0) || math.IsInf(gb, 0) { // no answer there
					continue
				}
				for i := range d {
					grad[i] += (ga - gb) * d[i]
				}
			}
			length := norm2(grad)
			if length == 0 {
				sigma = min(sigma*2, width/4) // a plateau: look farther
				continue
			}
			rate := s.eps / 5
			if t > 10 {
				rate = s.eps / 10
			}
			for i := range cur {
				velocity[i] = 0.5*velocity[i] + grad[i]/length
				if s.norm == linf {
					cur[i] -= rate * sgn(velocity[i])
				} else {
					cur[i] -= rate * velocity[i]
				}
			}
			s.norm.project(cur, s.x, s.eps, s.lo, s.hi)
			s.margin(cur)
		}
	}
}

func sgn(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
