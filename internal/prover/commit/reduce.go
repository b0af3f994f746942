package commit

import (
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/srs/g1batch"
)

// directTop is the largest top digit whose buckets are summed bit by bit at once, without the detour over rows and
// columns.
const directTop = 24

// pile collects points with weights: its parts fill points, and name them by window.
type pile struct {
	points  []bn254.G1Affine
	entries []g1batch.Entry
	ends    []uint32
}

// run closes a run of entries.
func (p *pile) run() { p.ends = append(p.ends, uint32(len(p.entries))) }

// name adds point i to the current run, if it is not infinity.
func (p *pile) name(i int) {
	if !p.points[i].IsInfinity() {
		p.entries = append(p.entries, g1batch.Entry(i)<<1)
	}
}

// weigh returns for each of rows rows the sum over its windows of 2^shift sum_d d B_d, where B_d = buckets[base+d-1].
// Bucket k got no point at all if ends[k] equals ends[k-1]. Each bit position of a row belongs to one window.
func weigh(buckets []bn254.G1Affine, ends []uint32, windows []window, rows int) []bn254.G1Jac {
	grids, sums := foldGrids(buckets, ends, windows)
	p := pile{points: append(buckets, sums...), entries: make([]g1batch.Entry, 0, 3*(len(sums)+directTop*len(windows)))}
	length := make([]int, rows) // bits of each row
	for _, w := range windows {
		length[w.row] = max(length[w.row], w.shift+bits.Len(uint(w.top)))
	}
	place := make([]int, rows+1) // where each row's bits begin
	for r, n := range length {
		place[r+1] = place[r] + n
	}
	order := make([]int32, place[rows]) // run of each bit, plus 1
	sumBits := func(row, shift, base, top int) {
		for j := range bits.Len(uint(top)) {
			for d := 1 << j; d <= top; d = (d + 1) | 1<<j {
				p.name(base + d - 1)
			}
			p.run()
			order[place[row]+shift+j] = int32(len(p.ends))
		}
	}
	for i, w := range windows {
		if g := grids[i]; g.h == 0 {
			sumBits(w.row, w.shift, w.base, w.top)
		} else {
			sumBits(w.row, w.shift, len(buckets)+g.lo, 1<<g.h-1)
			sumBits(w.row, w.shift+g.h, len(buckets)+g.hi, w.top>>g.h)
		}
	}
	bitSums := make([]bn254.G1Affine, len(p.ends))
	g1batch.Sum(bitSums, p.points, p.entries, p.ends)

	out := make([]bn254.G1Jac, rows)
	parallel.Ranges(rows, 4, func(from, to int) {
		for row := from; row < to; row++ {
			acc := &out[row]
			*acc = infinity()
			for j := place[row+1] - 1; j >= place[row]; j-- { // Horner's rule
				acc.DoubleAssign()
				if k := order[j]; k != 0 {
					acc.AddMixed(&bitSums[k-1])
				}
			}
		}
	})
	return out
}

// newBuckets makes the buckets of windows, with room for the sums that weigh appends.
func newBuckets(windows []window, buckets int) []bn254.G1Affine {
	sums := 0
	for _, w := range windows {
		sums += gridSize(w.top)
	}
	return make([]bn254.G1Affine, buckets, buckets+sums)
}

// gridSize is the number of row and column sums of a window's buckets; 0 if its bits are summed at once.
func gridSize(top int) int {
	if top <= directTop {
		return 0
	}
	h := bits.Len(uint(top)) / 2
	return top>>h + 1<<h - 1
}

// grid says where the row and column sums of a window lie: of hi = 1, 2, .. from hi on, of lo from lo on; h = 0: nowhere.
type grid struct{ h, hi, lo int }

// foldGrids writes digits as d = hi 2^h + lo and sums the buckets of equal hi, and those of equal lo, other than 0.
func foldGrids(buckets []bn254.G1Affine, ends []uint32, windows []window) ([]grid, []bn254.G1Affine) {
	grids := make([]grid, len(windows))
	sums, entries := 0, 0
	for i, w := range windows {
		if size := gridSize(w.top); size > 0 {
			h := bits.Len(uint(w.top)) / 2
			grids[i] = grid{h: h, hi: sums, lo: sums + w.top>>h}
			sums += size
			entries += 2 * w.top
		}
	}
	if sums == 0 {
		return grids, nil
	}
	p := pile{points: buckets, entries: make([]g1batch.Entry, 0, entries), ends: make([]uint32, 0, sums)}
	name := func(k int) {
		if k == 0 && ends[0] != 0 || k > 0 && ends[k] != ends[k-1] {
			p.entries = append(p.entries, g1batch.Entry(k)<<1)
		}
	}
	for i, w := range windows {
		h := grids[i].h
		if h == 0 {
			continue
		}
		for hi := 1; hi <= w.top>>h; hi++ {
			for d := hi << h; d < min((hi+1)<<h, w.top+1); d++ {
				name(w.base + d - 1)
			}
			p.run()
		}
		for lo := 1; lo < 1<<h; lo++ {
			for d := lo; d <= w.top; d += 1 << h {
				name(w.base + d - 1)
			}
			p.run()
		}
	}
	dst := make([]bn254.G1Affine, sums)
	g1batch.Sum(dst, buckets, p.entries, p.ends)
	return grids, dst
}
