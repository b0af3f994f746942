package commit

import (
	"fmt"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/srs/g1batch"
)

// Signed is a type of small scalars. Every value of it is allowed, the smallest included.
type Signed interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int
}

// maxEntries bounds the scalars that are worked on together, and so the memory: about 8 bytes each.
const maxEntries = 1 << 21

// Small returns sum_j scalars[j] points[j]. It panics if there are fewer points than scalars.
func Small[T Signed](points []bn254.G1Affine, scalars []T) bn254.G1Jac {
	if len(scalars) == 0 {
		return infinity()
	}
	return SmallRows(points, scalars, len(scalars))[0]
}

// SmallRows cuts values in rows of rowLen entries (the last may be shorter) and returns, for each, the sum of
// values[row rowLen + j] points[j] over j. It panics if rowLen < 1 or points are fewer than a row needs.
func SmallRows[T Signed](points []bn254.G1Affine, values []T, rowLen int) []bn254.G1Jac {
	rows := countRows(len(points), len(values), rowLen)
	out := make([]bn254.G1Jac, 0, rows)
	step := max(1, maxEntries/rowLen) * rowLen
	for lo := 0; lo < len(values); lo += step {
		out = append(out, smallRows(points, values[lo:min(lo+step, len(values))], rowLen)...)
	}
	return out
}

// smallRows does the work of SmallRows for a bounded number of rows.
func smallRows[T Signed](points []bn254.G1Affine, values []T, rowLen int) []bn254.G1Jac {
	rows := (len(values) + rowLen - 1) / rowLen
	rowOf := func(r int) []T { return values[r*rowLen : min((r+1)*rowLen, len(values))] }

	plans := make([]windowPlan, rows)
	parallel.Tasks(rows, func(r int) { plans[r] = measure(rowOf(r)) })
	var windows []window
	bases := make([]int, rows+1)
	for r := range plans {
		windows, bases[r+1] = plans[r].add(windows, r, bases[r])
	}
	counts := make([]uint32, bases[rows])
	parallel.Tasks(rows, func(r int) { countDigits(rowOf(r), plans[r], counts[bases[r]:bases[r+1]]) })
	entries := make([]g1batch.Entry, startsFromCounts(counts))
	parallel.Tasks(rows, func(r int) { placeDigits(rowOf(r), plans[r], counts[bases[r]:bases[r+1]], entries) })
	ends := counts // placing an entry moves its bucket's start on: now they are the ends

	buckets := newBuckets(windows, len(ends))
	g1batch.Sum(buckets, points, entries, ends)
	return weigh(buckets, ends, windows, rows)
}

// measure chooses a row's windows.
func measure[T Signed](row []T) windowPlan {
	var hist [maxPlanBits + 1]int
	largest := uint64(0)
	for _, v := range row {
		if v == 0 {
			continue
		}
		m := magnitude(v)
		largest = max(largest, m)
		hist[bits.Len64(m)]++
	}
	return planSmall(&hist, largest)
}

// countDigits counts the digits of a row by bucket.
func countDigits[T Signed](row []T, p windowPlan, counts []uint32) {
	half := 1 << max(p.width-1, 0)
	for _, v := range row {
		if v == 0 {
			continue
		}
		m := magnitude(v)
		base := -1
		for range p.windows - 1 {
			var d int
			if d, m = nextDigit(m, p.width); d > 0 {
				counts[base+d]++
			} else if d < 0 {
				counts[base-d]++
			}
			base += half
		}
		if m != 0 {
			counts[base+int(m)]++
		}
	}
}

// placeDigits writes an entry for each digit that is not 0 at its bucket's next free place.
func placeDigits[T Signed](row []T, p windowPlan, next []uint32, entries []g1batch.Entry) {
	half := 1 << max(p.width-1, 0)
	for j, v := range row {
		if v == 0 {
			continue
		}
		m := magnitude(v)
		e := g1batch.Entry(j) << 1
		if v < 0 {
			e |= 1
		}
		base := -1
		for range p.windows - 1 {
			var d int
			if d, m = nextDigit(m, p.width); d > 0 {
				place(entries, next, base+d, e)
			} else if d < 0 {
				place(entries, next, base-d, e^1)
			}
			base += half
		}
		if m != 0 {
			place(entries, next, base+int(m), e)
		}
	}
}

func place(entries []g1batch.Entry, next []uint32, bucket int, e g1batch.Entry) {
	entries[next[bucket]] = e
	next[bucket]++
}

// startsFromCounts replaces counts by the places where their buckets begin and returns the total.
func startsFromCounts(counts []uint32) uint32 {
	total := uint32(0)
	for k, n := range counts {
		counts[k] = total
		total += n
	}
	return total
}

// magnitude returns |v|, also for the smallest int64.
func magnitude[T Signed](v T) uint64 {
	if v < 0 {
		return -uint64(int64(v))
	}
	return uint64(v)
}

// countRows checks the arguments of the row functions.
func countRows(points, values, rowLen int) int {
	if rowLen < 1 || min(rowLen, values) > points || rowLen >= 1<<30 {
		panic(fmt.Sprintf("commit: internal error: %d points for %d values in rows of %d", points, values, rowLen))
	}
	return (values + rowLen - 1) / rowLen
}
