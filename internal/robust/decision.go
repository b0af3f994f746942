package robust

import (
	"math"
	"slices"
)

// Attacks that see labels only: HopSkipJump and the boundary attack. Both start from an input with a wrong answer and walk
// along the border of the right one's region towards the sample.

// start finds an input with a wrong answer: random ones as in the papers, then those of the data that have another label.
func (s *search) start() []float64 {
	for range 100 {
		x := make([]float64, len(s.x))
		for i := range x {
			x[i] = s.lo + (s.hi-s.lo)*s.rng.Float64()
		}
		if s.wrong(x) {
			return x
		}
		if s.done() {
			return nil
		}
	}
	for _, i := range s.rng.Perm(len(s.starts)) {
		if s.wrong(s.starts[i]) {
			return slices.Clone(s.starts[i])
		}
		if s.done() {
			return nil
		}
	}
	return nil
}

// between is the input at a share a of the way from the sample to x; in linf, x cut to that share of its distance.
func (s *search) between(x []float64, a float64) []float64 {
	out := slices.Clone(s.x)
	r := a * linf.distance(x, s.x)
	for i := range out {
		if s.norm == linf {
			out[i] = min(max(x[i], out[i]-r), out[i]+r)
		} else {
			out[i] += a * (x[i] - out[i])
		}
	}
	return out
}

// border searches the wrong answer nearest to the sample between it and x, by halving.
func (s *search) border(x []float64, precision float64) []float64 {
	low, high := 0.0, 1.0
	out := x
	for high-low > precision && !s.done() {
		mid := (low + high) / 2
		if y := s.between(x, mid); s.wrong(y) {
			high, out = mid, y
		} else {
			low = mid
		}
	}
	return out
}

// hopSkipJump alternates: to the border, the direction in which answers get wrong there from random probes, a step in it.
func hopSkipJump(s *search) {
	n := float64(len(s.x))
	x := s.start()
	if x == nil {
		return
	}
	theta := 0.01 / math.Sqrt(n)
	if s.norm == linf {
		theta = 0.01 / n
	}
	x = s.border(x, max(theta, 1e-7))
	for t := 1; !s.done(); t++ {
		dist := s.norm.distance(x, s.x)
		if dist == 0 {
			return
		}
		delta := math.Sqrt(n) * theta * dist
		if s.norm == linf {
			delta = n * theta * dist
		}
		if t == 1 {
			delta = 0.1 * (s.hi - s.lo)
		}
		direction := s.probe(x, delta, int(100*math.Sqrt(float64(t))))
		if direction == nil {
			return
		}
		for step := dist / math.Sqrt(float64(t)); !s.done(); step /= 2 {
			next := slices.Clone(x)
			for i := range next {
				next[i] += step * direction[i]
			}
			clip(next, s.lo, s.hi)
			if s.wrong(next) {
				x = next
				break
			}
			if step < 1e-9*(s.hi-s.lo) {
				break
			}
		}
		x = s.border(x, max(theta, 1e-7))
		if s.best != nil && s.norm.distance(s.best, s.x) < s.norm.distance(x, s.x) {
			x = slices.Clone(s.best)
		}
	}
}

// probe estimates the direction in which answers get wrong, from answers at distance delta around x.
func (s *search) probe(x []float64, delta float64, probes int) []float64 {
	var dirs [][]float64
	var answers []float64
	for range probes {
		d := s.gauss(len(x))
		if s.norm == linf {
			for i := range d {
				d[i] = 2*s.rng.Float64() - 1
			}
		}
		l := norm2(d)
		y := slices.Clone(x)
		for i := range d {
			y[i] += delta * d[i] / l
		}
		clip(y, s.lo, s.hi)
		for i := range d {
			d[i] = (y[i] - x[i]) / delta
		}
		a := -1.0
		if s.wrong(y) {
			a = 1
		}
		if s.done() {
			return nil
		}
		dirs, answers = append(dirs, d), append(answers, a)
	}
	base := mean(answers)
	if math.Abs(base) == 1 { // all alike: the mean direction is all that is known
		base = 0
	}
	sum := make([]float64, len(x))
	for k, d := range dirs {
		for i := range sum {
			sum[i] += (answers[k] - base) * d[i]
		}
	}
	l := norm2(sum)
	if l == 0 {
		return nil
	}
	for i := range sum {
		if s.norm == linf {
			sum[i] = sgn(sum[i])
		} else {
			sum[i] /= l
		}
	}
	return sum
}

// boundary walks at random along the border: a step on the sphere around the sample, a step towards it, both of lengths that adapt
// to how often they keep the answer wrong.
func boundary(s *search) {
	x := s.start()
	if x == nil {
		return
	}
	x = s.border(x, 1e-3)
	around, towards := 0.1, 0.1
	for !s.done() {
		const trials = 10
		kept := 0
		var sphere [][]float64
		for range trials {
			y := s.orbit(x, around)
			if s.wrong(y) {
				kept++
				sphere = append(sphere, y)
			}
			if s.done() {
				return
			}
		}
		around = adapt(around, float64(kept)/trials, 0.5, 0.2)
		if len(sphere) == 0 {
			if around < 1e-7 {
				return
			}
			continue
		}
		kept = 0
		best, dist := x, l2.distance(x, s.x)
		for _, y := range sphere {
			for i := range y {
				y[i] += towards * (s.x[i] - y[i])
			}
			if s.wrong(y) {
				kept++
				if d := l2.distance(y, s.x); d < dist {
					best, dist = y, d
				}
			}
		}
		towards = min(adapt(towards, float64(kept)/float64(len(sphere)), 0.5, 0.2), 0.5)
		if x = best; towards < 1e-7 {
			return
		}
	}
}

func adapt(step, rate, high, low float64) float64 {
	switch {
	case rate > high:
		return step / 0.9
	case rate < low:
		return step * 0.9
	}
	return step
}

// orbit is a random place near x at the same distance from the sample.
func (s *search) orbit(x []float64, size float64) []float64 {
	radius := l2.distance(x, s.x)
	d := s.gauss(len(x))
	dot := 0.0
	for i := range d {
		dot += d[i] * (x[i] - s.x[i])
	}
	for i := range d {
		d[i] -= dot * (x[i] - s.x[i]) / max(radius*radius, 1e-18)
	}
	l := max(norm2(d), 1e-12)
	y := make([]float64, len(x))
	for i := range y {
		y[i] = x[i] - s.x[i] + size*radius*d[i]/l
	}
	l = max(norm2(y), 1e-12)
	for i := range y {
		y[i] = s.x[i] + y[i]*radius/l
	}
	clip(y, s.lo, s.hi)
	return y
}
