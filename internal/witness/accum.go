package witness

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// accum sums products exactly: in int64 while a bound shows that nothing overflows, else in 128 bits.
type accum struct {
	v     []int64
	hi    []int64 // upper words, once it is wide
	bound float64 // on every |partial sum|; rounded up
}

// Slack of the bounds: their float arithmetic errs by less than one part in 2^40.
const (
	narrowLimit = 1<<63 - 1<<24
	wideLimit   = 0x1p126
)

func newAccum(n int) *accum { return &accum{v: make([]int64, n)} }

// add adds the products of a nest; bound is on the sum of their absolute values for one output. ok is false if 128 bits
// might not do.
func (s *accum) add(x *nest, a, b *operand, bound float64) (ok bool) {
	if x.empty {
		return true
	}
	s.bound += bound
	if s.bound >= wideLimit {
		return false
	}
	if s.bound >= narrowLimit && s.hi == nil {
		s.hi = make([]int64, len(s.v))
		for i, v := range s.v {
			s.hi[i] = v >> 63
		}
	}
	execute(x, s.v, s.hi, a.data, b.data)
	return true
}

// finish brings the sums back to int64; ok is false if one does not fit.
func (s *accum) finish() (ok bool) {
	if s.hi != nil {
		for i, h := range s.hi {
			if h != s.v[i]>>63 || s.v[i] == math.MinInt64 {
				return false
			}
		}
		s.hi = nil
	}
	s.bound = float64(maxAbs(s.v)) * (1 + 0x1p-50)
	return true
}

// maxAbs is the largest absolute value; below 2^40 it may be up to twice that.
func maxAbs(v []int64) uint64 {
	var all atomic.Uint64
	ranges(len(v), func(lo, hi int) error {
		var m uint64
		for _, x := range v[lo:hi] {
			s := x >> 63
			m |= uint64((x ^ s) - s)
		}
		all.Or(m)
		return nil
	})
	m := all.Load()
	if bits.Len64(m) < 40 {
		return m
	}
	m = 0
	for _, x := range v {
		s := x >> 63
		m = max(m, uint64((x^s)-s))
	}
	return m
}
