package circuit

import (
	"encoding/binary"

	"golang.org/x/crypto/sha3"
)

// Magic and Version begin every encoding.
const (
	Magic   = "ezklcirc"
	Version = 1
)

// digestLabel separates circuit digests from every other use of Keccak-256; its length is part of the hashed bytes.
const digestLabel = "ezkl-go circuit digest"

// Encode is the circuit's canonical encoding. Two circuits have the same encoding only if they are equal (nil and empty
// lists count as equal), and Decode accepts nothing else.
//
// All numbers are minimal varints, signed ones zigzag; a list is its length and its elements; a string is its length and
// its bytes; an absent block or table is 0, a present one its index plus 1. The fields come in the order of the types.
func (c *Circuit) Encode() []byte {
	w := &encoder{b: append([]byte(Magic), Version)}
	list(w, c.Blocks, w.block)
	list(w, c.Tables, w.table)
	list(w, c.KeyTables, w.table)
	list(w, c.Slots, func(s *Slot) {
		list(w, s.Lookups, func(l *Lookup) {
			w.uint(l.In)
			w.ref(l.Out)
			w.uint(l.Table)
		})
	})
	list(w, c.Groups, func(g *[]int) { w.uints(*g) })
	list(w, c.Relations, w.relation)
	w.uints(c.Inputs)
	w.uint(c.LogRow)
	return w.b
}

// Digest is what keys and proofs bind: Keccak-256 of a label and the encoding.
func (c *Circuit) Digest() [32]byte {
	h := sha3.NewLegacyKeccak256()
	h.Write([]byte{byte(len(digestLabel))})
	h.Write([]byte(digestLabel))
	h.Write(c.Encode())
	return [32]byte(h.Sum(nil))
}

type encoder struct{ b []byte }

func list[T any](w *encoder, items []T, f func(*T)) {
	w.uint(len(items))
	for i := range items {
		f(&items[i])
	}
}

func (w *encoder) uint(v int)  { w.b = binary.AppendUvarint(w.b, uint64(v)) }
func (w *encoder) int(v int64) { w.b = binary.AppendVarint(w.b, v) }
func (w *encoder) ref(v int)   { w.uint(v + 1) }

func (w *encoder) uints(v []int) {
	w.uint(len(v))
	for _, x := range v {
		w.uint(x)
	}
}

func (w *encoder) ints(v []int64) {
	w.uint(len(v))
	for _, x := range v {
		w.int(x)
	}
}

func (w *encoder) string(s string) {
	w.uint(len(s))
	w.b = append(w.b, s...)
}

func (w *encoder) letters(ls []Letter) {
	w.uint(len(ls))
	w.b = append(w.b, ls...) // letters are below 64: one byte is their varint
}

func (w *encoder) bool(v bool) {
	if v {
		w.uint(1)
	} else {
		w.uint(0)
	}
}

func (w *encoder) block(b *Block) {
	w.string(b.Name)
	w.uints(b.Dims)
	w.uint(int(b.Role))
	w.int(b.Lo)
	w.int(b.Hi)
	w.ref(b.KeyTable)
}

func (w *encoder) table(t *Table) {
	w.string(t.Name)
	w.int(t.Lo)
	w.uint(t.Size)
	w.ref(t.Out)
	w.bool(t.Dynamic)
}

func (w *encoder) expr(e *Expr) {
	w.letters(e.Letters)
	list(w, e.Terms, func(t *Term) {
		w.int(t.Coef)
		w.ref(t.Block)
		w.letters(t.Axes)
	})
}

func (w *encoder) relation(r *Relation) {
	w.string(r.Name)
	list(w, r.Letters, func(a *Axis) {
		w.string(a.Name)
		w.uint(a.Len)
	})
	w.letters(r.Out)
	w.expr(&r.LHS)
	list(w, r.Sum, func(k *Contraction) {
		w.letters(k.Inner)
		w.expr(&k.A)
		w.bool(k.B != nil)
		if k.B != nil {
			w.expr(k.B)
		}
		list(w, k.R, func(a *AxisRelation) {
			w.uint(int(a.Kind))
			w.letters(a.Letters)
			w.ints(a.Params)
		})
	})
}
