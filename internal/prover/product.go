package prover

import (
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/parallel"
)

// product is the sumcheck of scale * sum_i f[i] g[i] w[i]; w and scale may be absent (1). Tables have equal length.
type product struct {
	f, g, w fr.Vector
	scale   *fr.Element
}

// chunk is the number of pairs handled by one call of the vector kernels.
const chunk = 256

// round is the current round polynomial's coefficients: degree 2, or 3 with w.
func (p *product) round() []fr.Element {
	var out []fr.Element
	if p.w == nil {
		out = roundTwo(p.f, p.g)
	} else {
		out = roundThree(p.f, p.g, p.w)
	}
	if p.scale != nil {
		for i := range out {
			out[i].Mul(&out[i], p.scale)
		}
	}
	return out
}

func (p *product) fold(x *fr.Element) {
	p.f, p.g = foldVector(p.f, x), foldVector(p.g, x)
	if p.w != nil {
		p.w = foldVector(p.w, x)
	}
}

// scratch holds the de-interleaved halves of a chunk.
type scratch struct{ v [8]fr.Vector }

var scratches = sync.Pool{New: func() any {
	s := &scratch{}
	for i := range s.v {
		s.v[i] = make(fr.Vector, chunk)
	}
	return s
}}

// pairs splits entries 2*lo..2*hi of v into even and odd ones.
func pairs(v fr.Vector, lo, hi int, even, odd fr.Vector) {
	for i := lo; i < hi; i++ {
		even[i-lo] = v[2*i]
		odd[i-lo] = v[2*i+1]
	}
}

// roundTwo is the polynomial of sum f g in variable 0: coefficients c_0, c_1, c_2.
func roundTwo(f, g fr.Vector) []fr.Element {
	var mu sync.Mutex
	var c0, c2, s1 fr.Element
	parallel.Ranges(len(f)/2, 8*chunk, func(lo, hi int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		var a0, a2, a1 fr.Element
		for ; lo < hi; lo += chunk {
			end := min(lo+chunk, hi)
			n := end - lo
			f0, f1, g0, g1 := s.v[0][:n], s.v[1][:n], s.v[2][:n], s.v[3][:n]
			pairs(f, lo, end, f0, f1)
			pairs(g, lo, end, g0, g1)
			v := f0.InnerProduct(g0)
			a0.Add(&a0, &v)
			v = f1.InnerProduct(g1)
			a1.Add(&a1, &v)
			f1.Sub(f1, f0)
			g1.Sub(g1, g0)
			v = f1.InnerProduct(g1)
			a2.Add(&a2, &v)
		}
		mu.Lock()
		c0.Add(&c0, &a0)
		s1.Add(&s1, &a1)
		c2.Add(&c2, &a2)
		mu.Unlock()
	})
	s1.Sub(&s1, &c0).Sub(&s1, &c2)
	return []fr.Element{c0, s1, c2}
}

// roundThree is the polynomial of sum f g w in variable 0: coefficients c_0 .. c_3.
func roundThree(f, g, w fr.Vector) []fr.Element {
	var mu sync.Mutex
	evals := make([]fr.Element, 4)
	parallel.Ranges(len(f)/2, 4*chunk, func(lo, hi int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		var acc [4]fr.Element
		for ; lo < hi; lo += chunk {
			end := min(lo+chunk, hi)
			n := end - lo
			t := s.v[6][:n]
			var at, step [3]fr.Vector
			for i, v := range []fr.Vector{f, g, w} {
				at[i], step[i] = s.v[2*i][:n], s.v[2*i+1][:n]
				pairs(v, lo, end, at[i], step[i])
				step[i].Sub(step[i], at[i])
			}
			for e := range acc {
				if e > 0 {
					for i := range at {
						at[i].Add(at[i], step[i])
					}
				}
				t.Mul(at[0], at[1])
				v := t.InnerProduct(at[2])
				acc[e].Add(&acc[e], &v)
			}
		}
		mu.Lock()
		for e := range acc {
			evals[e].Add(&evals[e], &acc[e])
		}
		mu.Unlock()
	})
	return interpolate(evals)
}

// foldVector binds variable 0 to x, in place: the first half holds v[2i] + x (v[2i+1] - v[2i]).
func foldVector(v fr.Vector, x *fr.Element) fr.Vector {
	half := len(v) / 2
	if half < 8*chunk {
		foldRange(v, v[:half], 0, half, x)
		return v[:half]
	}
	out := make(fr.Vector, half)
	parallel.Ranges(half, 4*chunk, func(lo, hi int) { foldRange(v, out, lo, hi, x) })
	return out
}

// foldRange folds pairs lo..hi of v into out, in order: out may be v's first half if lo is 0. Chunks of zeros, of which a
// large table's columns consist, and of pairs of equal entries cost next to nothing.
func foldRange(v, out fr.Vector, lo, hi int, x *fr.Element) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	for ; lo < hi; lo += chunk {
		end := min(lo+chunk, hi)
		n := end - lo
		dst := out[lo:end]
		if zero(v[2*lo : 2*end]) {
			clear(dst)
			continue
		}
		even, odd := s.v[0][:n], s.v[1][:n]
		pairs(v, lo, end, even, odd)
		if odd.Sub(odd, even); zero(odd) {
			copy(dst, even)
			continue
		}
		odd.ScalarMul(odd, x)
		dst.Add(even, odd)
	}
}

// interpolate turns values at 0, 1, .., d into coefficients.
func interpolate(evals []fr.Element) []fr.Element {
	m := interpolation(len(evals))
	out := make([]fr.Element, len(evals))
	for i := range out {
		for j := range evals {
			var t fr.Element
			t.Mul(&m[i][j], &evals[j])
			out[i].Add(&out[i], &t)
		}
	}
	return out
}

var (
	interpolations   = map[int][][]fr.Element{}
	interpolationsMu sync.Mutex
)

// interpolation is the matrix from n values at 0..n-1 to coefficients.
func interpolation(n int) [][]fr.Element {
	interpolationsMu.Lock()
	defer interpolationsMu.Unlock()
	if m := interpolations[n]; m != nil {
		return m
	}
	m := make([][]fr.Element, n)
	for i := range m {
		m[i] = make([]fr.Element, n)
	}
	for j := range n { // the Lagrange polynomial of node j
		coeffs, den := []fr.Element{fr.One()}, fr.One()
		for k := range n {
			if k == j {
				continue
			}
			var root, d fr.Element
			root.SetInt64(int64(-k))
			d.SetInt64(int64(j - k))
			den.Mul(&den, &d)
			next := make([]fr.Element, len(coeffs)+1)
			for i := range coeffs {
				var t fr.Element
				t.Mul(&coeffs[i], &root)
				next[i].Add(&next[i], &t)
				next[i+1].Add(&next[i+1], &coeffs[i])
			}
			coeffs = next
		}
		den.Inverse(&den)
		for i := range coeffs {
			m[i][j].Mul(&coeffs[i], &den)
		}
	}
	interpolations[n] = m
	return m
}
