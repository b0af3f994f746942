package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/parallel"
)

// vector is V without the segments of the key (their integers are the blocks' values), and what the lookups derive.
type vector struct {
	lay    *layout.Layout
	values [][]int64
	w      []int64     // the integers of segment W, from its first row; the mask and cover blocks are 0 in it
	w0     int         // first entry of segment W
	full   []entries   // the mask block and the cover block
	h      fr.Vector   // segment H, from its first row
	h0     int         // first entry of segment H
	d      []fr.Vector // of each slot: alpha - fp
	table  stacked
}

// entries is a run of entries of V.
type entries struct {
	at int
	v  fr.Vector
}

// stacked is the stacked table.
type stacked struct {
	id   []int32 // table number plus 1; 0 outside the tables and in the axis padding of dynamic ones
	in   []int64
	out  []int64
	rows [][]int32 // of each slot and height: the row of the stacked table that the entry hits, -1 if none
	f    fr.Vector // alpha - fp of each row
}

// newVector places all blocks of segment W. values: by block, unpadded row-major.
func newVector(lay *layout.Layout, values [][]int64, coins *Coins) *vector {
	cover := make(fr.Vector, lay.G2At()-lay.Cover, lay.G2At()-lay.Cover+lay.G2Size())
	copy(cover, coins.CoverW)
	cover = append(cover, coins.G2...)
	v := &vector{lay: lay, values: values, full: []entries{{lay.Mask, lay.SpreadMask(coins.Mask)}, {lay.Cover, cover}}}
	rows := lay.Rows[layout.SegW]
	v.w0 = rows.First << lay.L
	v.w = make([]int64, rows.Count<<lay.L)
	for i := range lay.C.Blocks {
		if r := lay.C.Blocks[i].Role; !lay.Key && (r == circuit.Column || r == circuit.Free) {
			place(v.w[lay.At[i]-v.w0:], lay.C.Blocks[i].Dims, values[i])
		}
	}
	v.fillTable()
	v.countRows()
	return v
}

// place copies unpadded values to their padded positions.
func place(dst []int64, dims []int, values []int64) {
	k := 0
	layout.Inside(dims, func(at int) {
		dst[at] = values[k]
		k++
	})
}

// fillTable writes the columns of the stacked table.
func (v *vector) fillTable() {
	lay, t := v.lay, &v.table
	n := 1 << lay.TableVars
	t.id, t.in, t.out = make([]int32, n), make([]int64, n), make([]int64, n)
	for i := range lay.Tables {
		spec, at := &lay.Tables[i], lay.TableAt[i]
		dims := []int{spec.Size}
		if spec.Dynamic {
			dims = lay.C.Blocks[spec.Out].Dims
		}
		layout.Inside(dims, func(x int) {
			t.in[at+x] = spec.Lo + int64(x)
			t.id[at+x] = int32(i + 1)
		})
		if spec.Out != circuit.None {
			place(t.out[at:], dims, v.values[spec.Out])
		}
	}
}

// countRows finds the row that every lookup hits and fills the multiplicities. An entry that is no row of its table is
// not counted: the proof then fails.
func (v *vector) countRows() {
	lay, t := v.lay, &v.table
	height := 1 << lay.HeightVars
	flat := make([]int32, len(lay.Slots)*height) // 0: the padding row
	m := v.w[lay.M-v.w0:][:1<<lay.TableVars]
	padding := len(flat)
	for i := range lay.Tags {
		tag := &lay.Tags[i]
		spec, at := &lay.Tables[tag.Table], lay.TableAt[tag.Table]
		in, out := v.lookup(i)
		k := 0
		layout.Inside(tag.Dims, func(x int) {
			row := int32(-1)
			if j := in[k] - spec.Lo; 0 <= j && j < int64(spec.Size) && t.id[at+int(j)] != 0 && (out == nil || out[k] == t.out[at+int(j)]) {
				row = int32(at) + int32(j)
				m[row]++
			}
			flat[tag.Address+x] = row
			k++
		})
		padding -= k
	}
	m[0] += int64(padding)
	for s := range lay.Slots {
		t.rows = append(t.rows, flat[s*height:(s+1)*height])
	}
}

// lookup is the values behind tag i: in, and out if the lookup has one.
func (v *vector) lookup(i int) (in, out []int64) {
	c := v.lay.C
	if v.lay.Key { // the tags are those of the private blocks, largest first: found by their address
		at := v.lay.Tags[i].Address + v.lay.Slots[0].In
		for b := range c.Blocks {
			if v.lay.At[b] == at {
				return v.values[b], nil
			}
		}
		panic("prover: internal error: a tag without a block")
	}
	at, slot := v.lay.Tags[i].Address, v.lay.Tags[i].Address>>v.lay.HeightVars
	at = v.lay.Slots[slot].In + at - slot<<v.lay.HeightVars
	for _, l := range c.Slots[slot].Lookups {
		if v.lay.At[l.In] == at {
			if l.Out != circuit.None {
				out = v.values[l.Out]
			} else if t := &v.lay.Tables[l.Table]; t.Out != circuit.None {
				out = make([]int64, len(v.values[l.In])) // out = 0
			}
			return v.values[l.In], out
		}
	}
	panic("prover: internal error: a tag without a lookup")
}

// helpers fills segment H and the denominators.
func (v *vector) helpers(ch *claims.Challenges, coins *Coins) {
	lay, t := v.lay, &v.table
	rows := lay.Rows[layout.SegH]
	v.h0 = rows.First << lay.L
	v.h = make(fr.Vector, rows.Count<<lay.L)
	copy(v.h[lay.CoverH-v.h0:], coins.CoverH)
	ids := make(fr.Vector, len(lay.Tables)+1) // alpha - beta^2 id
	var betaSq fr.Element
	betaSq.Square(&ch.Beta)
	for i := range ids {
		ids[i].SetUint64(uint64(i))
		ids[i].Mul(&ids[i], &betaSq).Sub(&ch.Alpha, &ids[i])
	}
	denominator := func(in, out int64, id int32) fr.Element {
		var x fr.Element
		x.SetInt64(in)
		x.Sub(&ids[id], &x)
		if out != 0 {
			var y fr.Element
			y.SetInt64(out)
			y.Mul(&y, &ch.Beta)
			x.Sub(&x, &y)
		}
		return x
	}
	t.f = make(fr.Vector, len(t.id))
	one := fr.One()
	parallel.Ranges(len(t.f), 1024, func(lo, hi int) {
		base := denominator(t.in[lo], 0, t.id[lo]) // out not counted
		for i := lo; i < hi; i++ {
			switch {
			case i == lo || t.id[i] == t.id[i-1] && t.in[i] == t.in[i-1]:
			case t.id[i] == t.id[i-1] && t.in[i] == t.in[i-1]+1:
				base.Sub(&base, &one)
			default:
				base = denominator(t.in[i], 0, t.id[i])
			}
			if t.f[i] = base; t.out[i] != 0 {
				var y fr.Element
				y.SetInt64(t.out[i])
				y.Mul(&y, &ch.Beta)
				t.f[i].Sub(&t.f[i], &y)
			}
		}
	})
	// inverses of the rows that are hit
	m := v.w[lay.M-v.w0:][:len(t.f)]
	var hit []int
	var values fr.Vector
	for i, x := range m {
		if x != 0 {
			hit = append(hit, i)
			values = append(values, t.f[i])
		}
	}
	inverse := make(fr.Vector, len(t.f))
	hT := v.h[lay.HT-v.h0:]
	for j, inv := range fr.BatchInvert(values) {
		i := hit[j]
		inverse[i] = inv
		hT[i].SetInt64(m[i])
		hT[i].Mul(&hT[i], &inv)
	}
	v.d = make([]fr.Vector, len(lay.Slots))
	for g, slots := range lay.Groups {
		h := v.h[lay.Helpers[g]-v.h0:]
		for _, s := range slots {
			v.d[s] = make(fr.Vector, 1<<lay.HeightVars)
		}
		parallel.Ranges(1<<lay.HeightVars, 1024, func(lo, hi int) {
			for x := lo; x < hi; x++ {
				for _, s := range slots {
					if row := t.rows[s][x]; row >= 0 {
						v.d[s][x] = t.f[row]
						h[x].Add(&h[x], &inverse[row])
						continue
					}
					in, out, id := v.entry(s, x)
					v.d[s][x] = denominator(in, out, id)
					var inv fr.Element
					inv.Inverse(&v.d[s][x])
					h[x].Add(&h[x], &inv)
				}
			}
		})
	}
}

// entry is a lookup that hits no row.
func (v *vector) entry(s, x int) (in, out int64, id int32) {
	lay := v.lay
	for i := range lay.Tags {
		t := &lay.Tags[i]
		at := s<<lay.HeightVars + x - t.Address
		if at < 0 || at >= 1<<circuit.PaddedLog(t.Dims) {
			continue
		}
		ins, outs := v.lookup(i)
		k := 0
		layout.Inside(t.Dims, func(flat int) {
			if flat == at {
				in = ins[k]
				if outs != nil {
					out = outs[k]
				}
			}
			k++
		})
		return in, out, int32(t.Table + 1)
	}
	return 0, 0, 0
}

// fill writes the part [lo, lo+len(dst)) of V.
func (v *vector) fill(dst fr.Vector, lo int) {
	lay := v.lay
	hi := lo + len(dst)
	ints := func(at int, x []int64) {
		from, to := max(at, lo), min(at+len(x), hi)
		if from >= to {
			return
		}
		parallel.Ranges(to-from, 4096, func(a, b int) {
			for p := from + a; p < from+b; p++ {
				if y := x[p-at]; y != 0 {
					dst[p-lo].SetInt64(y)
				}
			}
		})
	}
	for i := range lay.C.Blocks {
		b := &lay.C.Blocks[i]
		if (b.Role == circuit.Private || b.Role == circuit.Fixed && !lay.Key) && lay.At[i] < hi && lay.At[i]+1<<circuit.PaddedLog(b.Dims) > lo {
			ints(lay.At[i], paddedInts(b.Dims, v.values[i]))
		}
	}
	ints(v.w0, v.w)
	full := func(at int, x fr.Vector) {
		if from, to := max(at, lo), min(at+len(x), hi); from < to {
			copy(dst[from-lo:to-lo], x[from-at:to-at])
		}
	}
	for _, part := range v.full {
		full(part.at, part.v)
	}
	full(v.h0, v.h)
}
