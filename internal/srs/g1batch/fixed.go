package g1batch

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/parallel"
)

// FixedBase is a table of multiples of one point P: digits d = 1..2^(window-1) of every window. It does not change after
// [NewFixedBase] and may be shared by goroutines.
type FixedBase struct {
	window  int
	windows int
	table   []bn254.G1Affine // d 2^(window w) P at (d-1) windows + w
}

// maxFixedWindow keeps the table below 20 MB, so that it stays in an outer cache.
const maxFixedWindow = 15

// NewFixedBase returns a table for p whose size suits count multiplications: making it costs about as much as using it.
// For count = 100 it has 30 to 90 KB.
func NewFixedBase(p *bn254.G1Affine, count int) *FixedBase {
	f := &FixedBase{}
	best := uint64(1 << 63)
	for c := 2; c <= maxFixedWindow; c++ {
		w := windowsFor(c)
		if cost := uint64(w) * (1<<(c-1) + uint64(count)); cost < best {
			best, f.window, f.windows = cost, c, w
		}
	}
	n, half := f.windows, 1<<(f.window-1)
	f.table = make([]bn254.G1Affine, n*half)
	bases := make([]bn254.G1Jac, n)
	bases[0].FromAffine(p)
	for w := 1; w < n; w++ {
		bases[w] = bases[w-1]
		for range f.window {
			bases[w].DoubleAssign()
		}
	}
	copy(f.table, bn254.BatchJacobianToAffineG1(bases))
	// From the multiples 1..h of every window to h+1..2h: add h.
	entries := make([]Entry, 0, n*half)
	ends := make([]uint32, 0, n*half/2)
	for h := 1; h < half; h *= 2 {
		entries, ends = entries[:0], ends[:0]
		for d := range h {
			for w := range n {
				entries = append(entries, Entry((h-1)*n+w)<<1, Entry(d*n+w)<<1)
				ends = append(ends, uint32(len(entries)))
			}
		}
		Sum(f.table[h*n:2*h*n], f.table[:h*n], entries, ends)
	}
	return f
}

// windowsFor is the number of signed windows of c bits that hold any scalar: one bit more than its length, for the carry.
func windowsFor(c int) int { return (fr.Bits + c) / c }

// Mul sets dst[i] = scalars[i] * P. It panics if dst is shorter than scalars.
func (f *FixedBase) Mul(dst []bn254.G1Affine, scalars []fr.Element) {
	const chunk = 1 << 14
	dst = dst[:len(scalars)]
	entries := make([]Entry, min(chunk, len(scalars))*f.windows)
	ends := make([]uint32, min(chunk, len(scalars)))
	for lo := 0; lo < len(scalars); lo += chunk {
		part := scalars[lo:min(lo+chunk, len(scalars))]
		parallel.Ranges(len(part), 2048, func(from, to int) {
			for i := from; i < to; i++ {
				// Each scalar owns f.windows places; zero digits leave some of them unused.
				e := f.digits(&part[i], entries[i*f.windows:i*f.windows:(i+1)*f.windows])
				ends[i] = uint32(len(e))
			}
		})
		total := 0
		for i := range part { // close the gaps
			n := int(ends[i])
			copy(entries[total:], entries[i*f.windows:i*f.windows+n])
			total += n
			ends[i] = uint32(total)
		}
		Sum(dst[lo:lo+len(part)], f.table, entries[:total], ends[:len(part)])
	}
}

// digits appends an entry of the table for each signed digit of s that is not 0.
func (f *FixedBase) digits(s *fr.Element, e []Entry) []Entry {
	x := s.Bits()
	half, full := uint64(1)<<(f.window-1), uint64(1)<<f.window
	carry := uint64(0)
	for w := range f.windows {
		d := x[0]&(full-1) + carry
		shift(&x, f.window)
		carry = 0
		neg := Entry(0)
		if d > half {
			d, carry, neg = full-d, 1, 1
		}
		if d != 0 {
			e = append(e, (Entry(d-1)*Entry(f.windows)+Entry(w))<<1|neg)
		}
	}
	return e
}

// shift divides x by 2^c, 0 < c < 64.
func shift(x *[4]uint64, c int) {
	for i := range 3 {
		x[i] = x[i]>>c | x[i+1]<<(64-c)
	}
	x[3] >>= c
}
