package commit

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/srs/g1batch"
)

// repeat is a scalar that occurs more than once in a row: its points are added up first, one addition for each, and
// multiplied once. The padding of lookup columns is such a scalar.
type repeat struct {
	scalar  int     // its place among the row's different scalars
	columns []int32 // all columns that hold it
}

// distinct lists a row's different scalars other than 0 by the first column that holds each, and those that repeat.
func distinct(row []fr.Element) ([]int32, []repeat) {
	size := 1
	for size < 2*len(row) {
		size *= 2
	}
	const free, once = 0, -1
	table := make([]int32, size) // 1 + place among the scalars
	columns := make([]int32, 0, len(row))
	var state []int32 // of each scalar: once, or its place in repeats
	var repeats []repeat
	for j := range row {
		if row[j].IsZero() {
			continue
		}
		x := &row[j]
		h := int((x[0]^x[1]*0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9>>32) & (size - 1)
		for table[h] != free && row[columns[table[h]-1]] != *x {
			h = (h + 1) & (size - 1)
		}
		k := int(table[h]) - 1
		switch {
		case k < 0:
			columns, state = append(columns, int32(j)), append(state, once)
			table[h] = int32(len(columns))
		case state[k] == once:
			state[k] = int32(len(repeats))
			repeats = append(repeats, repeat{k, []int32{columns[k], int32(j)}})
		default:
			r := &repeats[state[k]]
			r.columns = append(r.columns, int32(j))
		}
	}
	return columns, repeats
}

// sumRepeats adds up the points of each repeated scalar, in the rows' order.
func sumRepeats(points []bn254.G1Affine, rows []fullRow) []bn254.G1Affine {
	var entries []g1batch.Entry
	var ends []uint32
	for _, r := range rows {
		for i := range r.repeats {
			for _, j := range r.repeats[i].columns {
				entries = append(entries, g1batch.Entry(j)<<1)
			}
			ends = append(ends, uint32(len(entries)))
		}
	}
	sums := make([]bn254.G1Affine, len(ends))
	g1batch.Sum(sums, points, entries, ends)
	return sums
}
