package fuzz

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/tamper"
)

// encodings is the campaign of circuits' encodings: malformed ones, and random changes of one.
func (e *engine) encodings() *campaign {
	var list []Try
	for _, m := range tamper.Encodings() {
		list = append(list, Try{Target: "vk", Operator: m.Operator, Field: m.Field, File: m.Make, Name: "circuit.bin", Run: func(context.Context) (Verdict, string) {
			if _, err := circuit.Decode(m.Make()); err != nil {
				return Rejected, err.Error()
			}
			return Accepted, "a malformed encoding is taken"
		}})
	}
	rng := e.rng("malformed raw")
	good := tamper.Toy().Encode()
	return e.mutations("circuit encoding", "malformed encodings of circuits", list, func() Try {
		m := tamper.Raw(rng, good)
		return Try{Target: "vk", Operator: m.Operator, Field: "encoding, " + m.Field, File: m.Make, Name: "circuit.bin", Run: func(context.Context) (Verdict, string) {
			b := m.Make()
			c, err := circuit.Decode(b)
			if err != nil {
				return Rejected, err.Error()
			}
			if again := c.Encode(); !bytes.Equal(again, b) {
				return Accepted, "two encodings of one circuit"
			}
			return Legal, "another circuit"
		}}
	})
}

// calldata is the campaign of changed calls of the EVM verifier's contract: none but the true ones may return true.
func (e *engine) calldata() *campaign {
	s := e.s
	calls := [][]byte{evm.Calldata(s.Proof, s.Instances, nil)}
	if b, err := s.program.PackedCalldata(s.Proof, s.Instances, nil); err == nil {
		calls = append(calls, b)
	}
	try := func(m tamper.Mutant) Try {
		return Try{Target: "calldata", Operator: m.Operator, Field: m.Field, File: m.Make, Name: "calldata.bin", Run: func(context.Context) (Verdict, string) {
			b := m.Make()
			if slices.ContainsFunc(calls, func(good []byte) bool { return bytes.Equal(b, good) }) {
				return Legal, "unchanged"
			}
			if err := s.Contract(b); err != nil {
				return Rejected, err.Error()
			}
			return Accepted, "the contract returns true"
		}}
	}
	const selector, word = 4, 32
	var list []Try
	for k, good := range calls {
		list = append(list, Try{Target: "calldata", Operator: "honest", Field: fmt.Sprint("true call ", k), Run: func(context.Context) (Verdict, string) {
			if err := s.Contract(good); err != nil {
				return Failed, "the true call is refused: " + err.Error()
			}
			return Legal, ""
		}})
		for at := selector; at+word <= len(good); at += word {
			next := selector + (at-selector+word)%(len(good)/word*word)
			for _, m := range tamper.Scalar(fmt.Sprintf("call %d, word %d", k, at/word), good, at, min(next, len(good)-word)) {
				list = append(list, try(m))
			}
		}
		other := calls[len(calls)-1-k]
		for operator, b := range map[string][]byte{"other function": slices.Concat(other[:selector], good[selector:]), "extend": append(slices.Clone(good), make([]byte, word)...),
			"truncate": good[:len(good)-1], "duplicate": slices.Concat(good, good), "drop": good[selector:], "empty": {}, "selector alone": good[:selector]} {
			list = append(list, try(tamper.Mutant{Operator: operator, Field: fmt.Sprint("call ", k), Make: func() []byte { return b }}))
		}
	}
	slices.SortStableFunc(list, func(a, b Try) int { return strings.Compare(a.Field+a.Operator, b.Field+b.Operator) })
	rng := e.rng("calldata raw")
	return e.mutations("calldata", "changed calls of the verifier's contract", list, func() Try { return try(tamper.Raw(rng, calls[rng.IntN(len(calls))])) })
}
