package tamper

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Encodings lists malformed encodings of small circuits: cut off, with something behind, of another kind or version, with
// numbers in other forms than their one, beyond their limits, or equal modulo 2^8 to one that is right.
func Encodings() []Mutant {
	var out []Mutant
	add := func(operator, field string, b []byte) {
		out = append(out, Mutant{Operator: operator, Field: "encoding, " + field, Make: func() []byte { return b }})
	}
	toy := Toy().Encode()
	for i := range 32 {
		at := i
		if i >= 16 {
			at = len(toy) * (i - 15) / 17
		}
		add("truncate", fmt.Sprintf("to %d bytes", at), toy[:at])
	}
	add("truncate", "last byte", toy[:len(toy)-1])
	add("extend", "a zero", append(slices.Clone(toy), 0))
	add("extend", "twice", slices.Concat(toy, toy))
	add("other kind", "magic", Splice(toy, 0, []byte{'E'}))
	add("other version", "version", Splice(toy, len(circuit.Magic), []byte{circuit.Version + 1}))

	// with puts a number in the place of the one-byte number at an offset
	with := func(b []byte, at int, number ...byte) []byte { return slices.Concat(b[:at], number, b[at+1:]) }
	empty := (&circuit.Circuit{LogRow: circuit.MinLogRow}).Encode()
	for at := len(circuit.Magic) + 1; at < len(empty); at++ {
		field := fmt.Sprintf("number %d", at-len(circuit.Magic)-1)
		add("longer varint", field, longer(empty, at))
		add("endless varint", field, with(empty, at, bytes.Repeat([]byte{0xff}, binary.MaxVarintLen64+1)...))
		add("=2^64-1", field, with(empty, at, binary.AppendUvarint(nil, 1<<64-1)...))
		add("a list without elements", field, with(empty, at, 100))
	}
	block := &circuit.Circuit{LogRow: circuit.MinLogRow, Blocks: []circuit.Block{{Role: circuit.Free, KeyTable: circuit.None}}}
	table := &circuit.Circuit{LogRow: circuit.MinLogRow, Tables: []circuit.Table{{Size: 1, Out: circuit.None}}}
	reshape := &circuit.Circuit{LogRow: circuit.MinLogRow}
	addReshape(reshape, 1, nil, 1, 1)
	for _, x := range []struct {
		field  string
		b      []byte
		at     int // from the end if negative
		number uint64
	}{
		{"a role", block.Encode(), 12, 256 + uint64(circuit.Free)},
		{"a bit", table.Encode(), 15, 2},
		{"a kind", reshape.Encode(), -8, 256 + uint64(circuit.Reshape)},
		{"a letter", reshape.Encode(), -6, 256},
		{"parameters without end", reshape.Encode(), -4, 1 << circuit.MaxBlockLog},
	} {
		at := x.at
		if at < 0 {
			at += len(x.b)
		}
		add("beyond its limit", x.field, with(x.b, at, binary.AppendUvarint(nil, x.number)...))
	}
	return out
}
