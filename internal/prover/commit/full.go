package commit

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/srs/g1batch"
)

// Full returns sum_j scalars[j] points[j]. It panics if there are fewer points than scalars.
func Full(points []bn254.G1Affine, scalars []fr.Element) bn254.G1Jac {
	if len(scalars) == 0 {
		return infinity()
	}
	return FullRows(points, scalars, len(scalars))[0]
}

// FullRows cuts values in rows of rowLen entries (the last may be shorter) and returns, for each, the sum of
// values[row rowLen + j] points[j] over j. It panics if rowLen < 1 or points are fewer than a row needs.
func FullRows(points []bn254.G1Affine, values []fr.Element, rowLen int) []bn254.G1Jac {
	rows := countRows(len(points), len(values), rowLen)
	out := make([]bn254.G1Jac, 0, rows)
	step := max(1, maxEntries/32/rowLen) * rowLen
	for lo := 0; lo < len(values); lo += step {
		out = append(out, fullRows(points, values[lo:min(lo+step, len(values))], rowLen)...)
	}
	return out
}

// fullRow is a row's different scalars other than 0, split in halves: halves[2i] of the point of columns[i],
// halves[2i+1] of its image under the endomorphism. The plan's digitOffset has been added to the halves.
type fullRow struct {
	plan    windowPlan
	columns []int32 // the first column of each scalar; later, where its point lies in the list of pairPoints
	halves  []half
	repeats []repeat
}

// fullRows does the work of FullRows for a bounded number of rows.
func fullRows(points []bn254.G1Affine, values []fr.Element, rowLen int) []bn254.G1Jac {
	rows := make([]fullRow, (len(values)+rowLen-1)/rowLen)
	parallel.Tasks(len(rows), func(r int) {
		row := values[r*rowLen : min((r+1)*rowLen, len(values))]
		cols, repeats := distinct(row)
		rows[r] = fullRow{plan: planFull(2 * len(cols)), columns: cols, repeats: repeats}
	})
	splitRows(values, rowLen, rows)
	pairs := pairPoints(points[:min(rowLen, len(values))], rows)

	var windows []window
	bases := make([]int, len(rows)+1)
	for r := range rows {
		windows, bases[r+1] = rows[r].plan.add(windows, r, bases[r])
	}
	buckets := newBuckets(windows, bases[len(rows)])
	ends := make([]uint32, len(buckets))
	done := uint32(0)
	for lo := 0; lo < len(windows); { // as many windows at once as memory allows
		hi, n := lo, 0
		for hi < len(windows) && (hi == lo || n+len(rows[windows[hi].row].halves) <= maxEntries) {
			n += len(rows[windows[hi].row].halves)
			hi++
		}
		from, to := windows[lo].base, windows[hi-1].base+windows[hi-1].top
		done = sumWindows(buckets[from:to], ends[from:to], pairs, rows, windows[lo:hi], done)
		lo = hi
	}
	return weigh(buckets, ends, windows, len(rows))
}

// sumWindows fills the buckets of some successive windows, and their ends, to which it adds the number of entries done
// before; it returns the new number.
func sumWindows(buckets []bn254.G1Affine, ends []uint32, pairs []bn254.G1Affine, rows []fullRow, ws []window, done uint32) uint32 {
	first := ws[0].base
	parallel.Tasks(len(ws), func(i int) {
		w := &ws[i]
		row, counts := &rows[w.row], ends[w.base-first:w.base-first+w.top]
		at := w.shift / row.plan.width
		for _, h := range row.halves {
			if d := h.digit(row.plan, at); d > 0 {
				counts[d-1]++
			} else if d < 0 {
				counts[-d-1]++
			}
		}
	})
	entries := make([]g1batch.Entry, startsFromCounts(ends))
	parallel.Tasks(len(ws), func(i int) {
		w := &ws[i]
		row, next := &rows[w.row], ends[w.base-first:w.base-first+w.top]
		at := w.shift / row.plan.width
		for k, h := range row.halves {
			e := g1batch.Entry(2*int(row.columns[k/2])+k&1) << 1
			if d := h.digit(row.plan, at); d > 0 {
				place(entries, next, d-1, e)
			} else if d < 0 {
				place(entries, next, -d-1, e|1)
			}
		}
	})
	g1batch.Sum(buckets, pairs, entries, ends)
	for k := range ends {
		ends[k] += done
	}
	return done + uint32(len(entries))
}

// splitRows fills the rows' halves.
func splitRows(values []fr.Element, rowLen int, rows []fullRow) {
	for r := range rows {
		row := &rows[r]
		row.halves = make([]half, 2*len(row.columns))
		offset := digitOffset(row.plan)
		parallel.Ranges(len(row.columns), 1024, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				k1, k2 := split(&values[r*rowLen+int(row.columns[i])])
				row.halves[2*i], row.halves[2*i+1] = add(k1, offset), add(k2, offset)
			}
		})
	}
}

// pairPoints returns a list with points[j] at 2i and its image under the endomorphism at 2i+1, for the columns j that some
// row uses, then the same for the sums of the points of each repeated scalar, and renumbers the rows' columns from j to i.
func pairPoints(points []bn254.G1Affine, rows []fullRow) []bn254.G1Affine {
	number := make([]int32, len(points))
	for _, r := range rows {
		for _, j := range r.columns {
			number[j] = 1
		}
	}
	used := make([]bn254.G1Affine, 0, len(points))
	for j, n := range number {
		if n != 0 {
			number[j] = int32(len(used))
			used = append(used, points[j])
		}
	}
	sums := sumRepeats(points, rows)
	at := int32(len(used))
	for _, r := range rows {
		for i, j := range r.columns {
			r.columns[i] = number[j]
		}
		for i := range r.repeats {
			r.columns[r.repeats[i].scalar] = at
			at++
		}
	}
	used = append(used, sums...)
	pairs := make([]bn254.G1Affine, 2*len(used))
	parallel.Ranges(len(used), 2048, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			pairs[2*i] = used[i]
			pairs[2*i+1] = endomorphism(&used[i])
		}
	})
	return pairs
}
