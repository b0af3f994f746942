package layout

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// slotVars is the number of bits above HeightVars in a lookup address.
func (l *Layout) slotVars() int { return max(circuit.Log2Ceil(max(len(l.Slots), 1)), 0) }

// TagEval is the MLE of a slot's tag column at a height point: the id of the table that the block there looks into, 0 in
// axis padding and where no block lies. In a key layout a block may span several slots.
func (l *Layout) TagEval(slot int, point []fr.Element) fr.Element {
	full := make([]fr.Element, 0, len(point)+l.slotVars())
	full = append(full, point...)
	for j := range l.slotVars() {
		full = append(full, fr.NewElement(uint64(slot>>j&1)))
	}
	var total fr.Element
	for i := range l.Tags {
		t := &l.Tags[i]
		kb := circuit.PaddedLog(t.Dims)
		if kb <= l.HeightVars && t.Address>>l.HeightVars != slot {
			continue
		}
		term := poly.EqIndex(t.Address>>kb, full[kb:])
		inside := insideEval(t.Dims, full[:kb])
		id := fr.NewElement(uint64(t.Table + 1))
		term.Mul(&term, &inside).Mul(&term, &id)
		total.Add(&total, &term)
	}
	return total
}

// insideEval is the MLE of [every index below its axis's length] over a block's padded index, the last axis lowest.
func insideEval(dims []int, point []fr.Element) fr.Element {
	acc := fr.One()
	at := 0
	for i := len(dims) - 1; i >= 0; i-- {
		b := circuit.Log2Ceil(dims[i])
		lt := poly.Lt(dims[i], point[at:at+b])
		acc.Mul(&acc, &lt)
		at += b
	}
	return acc
}

// TableEval is the MLE of the stacked table's id and in columns at a point. The rows of a dynamic table carry the bounds
// of its axes in both: otherwise rows (0, i, 0) would exist and padding could be i (protocol_toy's finding N1).
func (l *Layout) TableEval(point []fr.Element) (id, in fr.Element) {
	for i := range l.Tables {
		t := &l.Tables[i]
		k := circuit.Log2Ceil(t.Size)
		w := poly.EqIndex(l.TableAt[i]>>k, point[k:])
		dims := []int{t.Size}
		if t.Dynamic {
			dims = l.C.Blocks[t.Out].Dims
		}
		inside, index := fr.One(), fr.Element{}
		at := 0
		for a := len(dims) - 1; a >= 0; a-- { // index += 2^at * axis index, both inside the axes seen so far
			x := point[at : at+circuit.Log2Ceil(dims[a])]
			lt, axis := poly.Lt(dims[a], x), poly.IndexLt(dims[a], x)
			shift := fr.NewElement(1 << at)
			axis.Mul(&axis, &shift).Mul(&axis, &inside)
			index.Mul(&index, &lt).Add(&index, &axis)
			inside.Mul(&inside, &lt)
			at += len(x)
		}
		var lo, term fr.Element
		lo.SetInt64(t.Lo)
		term.Mul(&lo, &inside).Add(&term, &index).Mul(&term, &w)
		in.Add(&in, &term)
		number := fr.NewElement(uint64(i + 1))
		term.Mul(&number, &inside).Mul(&term, &w)
		id.Add(&id, &term)
	}
	return id, in
}

// Inside calls f with the padded flat index of every entry of a tensor, in row-major order.
func Inside(dims []int, f func(flat int)) {
	if len(dims) == 0 {
		f(0)
		return
	}
	last := dims[len(dims)-1]
	step := 1 << circuit.Log2Ceil(last)
	outer := dims[:len(dims)-1]
	Inside(outer, func(flat int) {
		for i := range last {
			f(flat*step + i)
		}
	})
}
