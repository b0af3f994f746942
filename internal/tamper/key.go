package tamper

import (
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Key lists changes of a verifying key's file: its rows, SRS, mark, encoding, circuit and key proof.
func Key(vk *proof.VerifyingKey) []Mutant {
	var out []Mutant
	edit := func(operator, field string, canonical bool, f func(k *proof.VerifyingKey)) {
		out = append(out, Mutant{operator, field, func() []byte {
			k := *vk
			k.Rows, k.KeyProof = slices.Clone(k.Rows), slices.Clone(k.KeyProof)
			f(&k)
			return k.Encode()
		}, canonical})
	}
	good := vk.Encode()
	rowAt := len(proof.MagicVK) + 1 + uvarintLen(len(vk.Circuit.Encode())) + len(vk.Circuit.Encode()) + uvarintLen(len(vk.Rows))
	for i := range vk.Rows {
		field := fmt.Sprintf("row %d", i)
		at := rowAt + i*proof.PointBytes
		out = append(out, Point(field, good, at, rowAt+(i+1)%len(vk.Rows)*proof.PointBytes)...)
		edit("drop", field, true, func(k *proof.VerifyingKey) { k.Rows = slices.Delete(k.Rows, i, i+1) })
		edit("duplicate", field, true, func(k *proof.VerifyingKey) { k.Rows = slices.Insert(k.Rows, i, k.Rows[i]) })
	}
	edit("empty", "rows", true, func(k *proof.VerifyingKey) { k.Rows = nil })
	_, _, _, g2 := bn254.Generators()
	edit("negate", "tau", true, func(k *proof.VerifyingKey) { k.Tau.Neg(&k.Tau) })
	edit("generator", "tau", true, func(k *proof.VerifyingKey) { k.Tau = g2 })
	edit("infinity", "tau", false, func(k *proof.VerifyingKey) { k.Tau = bn254.G2Affine{} })
	tauAt := rowAt + len(vk.Rows)*proof.PointBytes
	out = append(out,
		Mutant{Operator: "off the subgroup", Field: "tau", Make: func() []byte { return Splice(good, tauAt, outsideG2()) }},
		Mutant{Operator: "compressed", Field: "tau", Make: func() []byte {
			short := vk.Tau.Bytes()
			return Splice(good, tauAt, append(short[:], make([]byte, len(short))...))
		}},
		Mutant{Operator: "compressed flag", Field: "tau", Make: func() []byte { return Splice(good, tauAt, []byte{good[tauAt] | 0x40}) }})
	edit("flip", "unsafe mark", true, func(k *proof.VerifyingKey) { k.Unsafe = !k.Unsafe })
	set := func(operator, field string, at int, b ...byte) {
		out = append(out, Mutant{Operator: operator, Field: field, Make: func() []byte { return Splice(good, at, b) }})
	}
	set("other flags", "unsafe mark", len(proof.MagicVK), 2)
	set("other version", "magic", len(proof.MagicVK)-1, '2')
	set("other version", "circuit", len(proof.MagicVK)+1+uvarintLen(len(vk.Circuit.Encode()))+len(circuit.Magic), circuit.Version+1)
	set("other kind", "magic", 0, []byte(proof.MagicPK)...)
	for _, n := range []int{0, 1, len(proof.MagicVK), len(proof.MagicVK) + 1, rowAt - 1, rowAt, tauAt, tauAt + 127, len(good) - 1} {
		if n < len(good) {
			out = append(out, Mutant{Operator: "truncate", Field: fmt.Sprint("byte ", n), Make: func() []byte { return slices.Clone(good[:n]) }})
		}
	}
	out = append(out,
		Mutant{Operator: "extend", Field: "file", Make: func() []byte { return append(slices.Clone(good), 0) }},
		Mutant{Operator: "longer varint", Field: "rows", Make: func() []byte { return longer(good, rowAt-1) }},
		Mutant{Operator: "longer varint", Field: "circuit", Make: func() []byte {
			return longer(good, len(proof.MagicVK)+uvarintLen(len(vk.Circuit.Encode())))
		}},
		Mutant{Operator: "huge", Field: "rows", Make: func() []byte {
			return slices.Concat(good[:rowAt-uvarintLen(len(vk.Rows))], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, good[rowAt:])
		}})
	edit("empty", "key proof", true, func(k *proof.VerifyingKey) { k.KeyProof = nil })
	edit("extend", "key proof", true, func(k *proof.VerifyingKey) { k.KeyProof = append(k.KeyProof, 0) })
	if lay, err := layout.ForKey(vk.Circuit); err == nil && lay != nil {
		for _, m := range Proof(lay, vk.KeyProof) {
			out = append(out, Mutant{m.Operator, "key proof " + m.Field, func() []byte {
				k := *vk
				k.KeyProof = m.Make()
				return k.Encode()
			}, true}) // the key's file is well-formed, whatever its proof is
		}
	}
	for _, d := range Circuits(vk.Circuit) {
		edit(d.Operator, "circuit "+d.Field, true, func(k *proof.VerifyingKey) { k.Circuit = d.Make() })
	}
	return out
}

// uvarintLen is the length of n as a varint.
func uvarintLen(n int) int {
	k := 1
	for n >= 0x80 {
		n >>= 7
		k++
	}
	return k
}

// longer writes the varint that ends at byte `last` in one byte more than it needs.
func longer(b []byte, last int) []byte {
	return slices.Concat(b[:last], []byte{b[last] | 0x80, 0}, b[last+1:])
}

// outsideG2 is a point of the twist that is not in the subgroup, as the file has it.
func outsideG2() []byte {
	_, _, _, p := bn254.Generators()
	for { // x+1, x+2, .. until the curve has a point there
		p.X.A0.SetUint64(p.X.A0.Uint64() + 1)
		var b bn254.G2Affine
		b.X = p.X
		// y^2 = x^3 + b'
		_, _, _, g := bn254.Generators()
		twist := g.Y
		twist.Square(&twist)
		cube := g.X
		cube.Square(&cube).Mul(&cube, &g.X)
		twist.Sub(&twist, &cube)
		y := b.X
		y.Square(&y).Mul(&y, &b.X).Add(&y, &twist)
		if y.Legendre() != 1 {
			continue
		}
		b.Y.Sqrt(&y)
		if !b.IsInSubGroup() {
			raw := b.RawBytes()
			return raw[:]
		}
	}
}
