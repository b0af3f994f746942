package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// vector is V with what the lookups derive from it.
type vector struct {
	lay  *layout.Layout
	all  fr.Vector // 2^N entries
	ints []int64   // the integers of segment W, from its first row; the mask block is not in it
	w0   int       // first entry of segment W

	tags              [][]int32   // of each slot: the table number plus 1, 0 for none
	denominators      []fr.Vector // of each slot: alpha - fp
	tableIn           []int64     // in column of the stacked table, as integers
	tableID           []int32
	tableDenominators fr.Vector
}

// newVector places all blocks. values: by block, unpadded row-major; nil for blocks that V does not hold.
func newVector(lay *layout.Layout, values [][]int64, coins *Coins) *vector {
	v := &vector{lay: lay, all: make(fr.Vector, 1<<lay.N)}
	rows := lay.Rows[layout.SegW]
	v.w0 = rows.First << lay.L
	v.ints = make([]int64, rows.Count<<lay.L)
	end := v.w0 + len(v.ints)
	for i := range lay.C.Blocks {
		at := lay.At[i]
		if at == circuit.None || values[i] == nil {
			continue
		}
		k := 0
		layout.Inside(lay.C.Blocks[i].Dims, func(flat int) {
			if x := values[i][k]; x != 0 {
				v.all[at+flat].SetInt64(x)
				if v.w0 <= at && at < end {
					v.ints[at-v.w0+flat] = x
				}
			}
			k++
		})
	}
	copy(v.all[lay.Mask:], coins.Mask)
	v.placeTags()
	v.tables(values)
	v.multiplicities(values)
	return v
}

// placeTags fills the tag columns.
func (v *vector) placeTags() {
	lay := v.lay
	k := lay.HeightVars
	flat := make([]int32, len(lay.Slots)<<k)
	for i := range lay.Tags {
		t := &lay.Tags[i]
		layout.Inside(t.Dims, func(at int) { flat[t.Address+at] = int32(t.Table + 1) })
	}
	for s := range lay.Slots {
		v.tags = append(v.tags, flat[s<<k:(s+1)<<k])
	}
}

// tables fills the id and in columns of the stacked table: 0 outside the tables, and in the axis padding of dynamic ones.
func (v *vector) tables(values [][]int64) {
	lay := v.lay
	v.tableIn, v.tableID = make([]int64, 1<<lay.TableVars), make([]int32, 1<<lay.TableVars)
	for i := range lay.Tables {
		t := &lay.Tables[i]
		dims := []int{t.Size}
		if t.Dynamic {
			dims = lay.C.Blocks[t.Out].Dims
		}
		layout.Inside(dims, func(at int) {
			v.tableIn[lay.TableAt[i]+at] = t.Lo + int64(at)
			v.tableID[lay.TableAt[i]+at] = int32(i + 1)
		})
	}
}

// multiplicities counts how often each row of the stacked table is looked up. A value outside its table is not counted:
// the proof then fails.
func (v *vector) multiplicities(values [][]int64) {
	lay := v.lay
	m := v.ints[lay.M-v.w0:][:1<<lay.TableVars]
	padding := len(lay.Slots) << lay.HeightVars
	count := func(block, table int) {
		t := &lay.Tables[table]
		for _, x := range values[block] {
			if i := x - t.Lo; 0 <= i && i < int64(t.Size) {
				m[lay.TableAt[table]+int(i)]++
			}
		}
		padding -= len(values[block])
	}
	if lay.Key {
		for i := range lay.C.Blocks {
			if lay.C.Blocks[i].Role == circuit.Private {
				count(i, lay.C.Blocks[i].KeyTable)
			}
		}
	} else {
		for s := range lay.C.Slots {
			for _, l := range lay.C.Slots[s].Lookups {
				count(l.In, l.Table)
			}
		}
	}
	m[0] += int64(padding)
	for i, x := range m {
		if x != 0 {
			v.all[lay.M+i].SetInt64(x)
		}
	}
}

// helpers fills segment H and the denominators of the lookups.
func (v *vector) helpers(ch *claims.Challenges) {
	lay := v.lay
	height := 1 << lay.HeightVars
	// alpha - beta^2 id, for each id
	ids := make(fr.Vector, len(lay.Tables)+1)
	var betaSq fr.Element
	betaSq.Square(&ch.Beta)
	for i := range ids {
		ids[i].SetUint64(uint64(i))
		ids[i].Mul(&ids[i], &betaSq).Sub(&ch.Alpha, &ids[i])
	}
	denominator := func(d, in, out *fr.Element, id int32) {
		d.Sub(&ids[id], in)
		if out != nil && !out.IsZero() {
			var t fr.Element
			t.Mul(&ch.Beta, out)
			d.Sub(d, &t)
		}
	}
	v.denominators = make([]fr.Vector, len(lay.Slots))
	inverses := make([]fr.Vector, len(lay.Slots))
	parallel(len(lay.Slots), 1, func(lo, hi int) {
		for s := lo; s < hi; s++ {
			d := make(fr.Vector, height)
			for x := range d {
				var out *fr.Element
				if lay.Slots[s].Out != circuit.None {
					out = &v.all[lay.Slots[s].Out+x]
				}
				denominator(&d[x], &v.all[lay.Slots[s].In+x], out, v.tags[s][x])
			}
			v.denominators[s] = d
			inverses[s] = fr.BatchInvert(d)
		}
	})
	for g, slots := range lay.Groups {
		h := v.all[lay.Helpers[g]:][:height]
		for _, s := range slots {
			h.Add(h, inverses[s])
		}
	}
	v.tableHelper(ch, denominator)
}

// tableHelper fills h_T = m / (alpha - fp_T), where m is not 0.
func (v *vector) tableHelper(ch *claims.Challenges, denominator func(d, in, out *fr.Element, id int32)) {
	lay := v.lay
	n := 1 << lay.TableVars
	outs := make([]*fr.Element, n)
	for i := range lay.Tables {
		if t := &lay.Tables[i]; t.Out != circuit.None {
			for j := range t.Size {
				outs[lay.TableAt[i]+j] = &v.all[lay.At[t.Out]+j]
			}
		}
	}
	v.tableDenominators = make(fr.Vector, n)
	parallel(n, 1024, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			var in fr.Element
			in.SetInt64(v.tableIn[i])
			denominator(&v.tableDenominators[i], &in, outs[i], v.tableID[i])
		}
	})
	var hit []int
	var ds fr.Vector
	for i := range n {
		if !v.all[lay.M+i].IsZero() {
			hit = append(hit, i)
			ds = append(ds, v.tableDenominators[i])
		}
	}
	for j, inv := range fr.BatchInvert(ds) {
		i := hit[j]
		v.all[lay.HT+i].Mul(&v.all[lay.M+i], &inv)
	}
}
