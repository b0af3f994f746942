package fuzz

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/tamper"
	"github.com/ezkl-go/ezkl/verify"
)

// keys is the campaign that changes the verifying key.
func (e *engine) keys() *campaign {
	s := e.s
	good := s.PK.VK.Encode()
	try := func(m tamper.Mutant, structured bool) Try {
		return Try{Target: "vk", Operator: m.Operator, Field: m.Field, File: m.Make, Name: "vk.key", Run: func(context.Context) (Verdict, string) {
			b := m.Make()
			if bytes.Equal(b, good) {
				return Legal, "unchanged"
			}
			return s.judgeKey(b, structured && !m.Canonical)
		}}
	}
	var list []Try
	for _, m := range tamper.Key(s.PK.VK) {
		list = append(list, try(m, true))
	}
	rng := e.rng("vk raw")
	return e.mutations("vk", "a changed verifying key in the place of the true one", list, func() Try { return try(tamper.Raw(rng, good), false) })
}

// judgeKey says what comes of a key file that is not the original. It is accepted if it may not be parsed (malformed) and is,
// or stands in for the original: the true proof verifies under it, it has the original's digest, or it would pass for a key of
// the compiled circuit. Anything else that parses is the legal key of another circuit.
func (s *Subject) judgeKey(b []byte, malformed bool) (Verdict, string) {
	k, err := verify.ParseKey(b)
	vk, malformedErr := proof.DecodeVerifyingKey(b)
	switch {
	case malformedErr == nil && malformed:
		return Accepted, "a malformed key was taken"
	case err != nil:
		return Rejected, err.Error()
	case malformedErr != nil:
		return Accepted, "a key was taken that does not decode: " + malformedErr.Error()
	}
	lay, err := layout.New(vk.Circuit)
	if err != nil || len(vk.Rows) != lay.Rows[layout.SegF].Count+lay.Rows[layout.SegP].Count {
		return Accepted, "a key with a wrong number of rows was taken"
	}
	if k.Digest() == s.Key.Digest() {
		return Accepted, "another file with the key's digest"
	}
	if k.Verify(s.Instances, s.Proof, s.Kind) == nil {
		return Accepted, "the true proof verifies under it"
	}
	if vk.Circuit.Digest() != s.Net.Circuit.Digest() || !vk.Tau.Equal(&s.SRS.TauG2) || !vk.Unsafe {
		return Legal, "a key of another circuit or SRS"
	}
	rows, err := prover.FixedRows(s.Net.Circuit, s.key, s.SRS.G1)
	if err != nil {
		return Failed, err.Error()
	}
	for i := range rows {
		if !rows[i].Equal(&vk.Rows[i]) {
			return Legal, "a key of other public constants"
		}
	}
	if slices.ContainsFunc(s.Net.Circuit.Blocks, func(b circuit.Block) bool { return b.Role == circuit.Private }) {
		return Accepted, "other private constants, with a key proof that was not made for them"
	}
	return Accepted, "it passes for a key of the compiled circuit"
}

// malformed is the campaign of circuits that no key may hold: the toy circuit, which has every kind of block, table and
// relation, with one rule broken. Neither the decoder nor the layout may take one.
func (e *engine) malformed() *campaign {
	var list []Try
	for _, d := range tamper.Defects {
		list = append(list, Try{Target: "vk", Operator: "malformed circuit", Field: d.Name, Run: func(context.Context) (Verdict, string) {
			c := tamper.Toy()
			d.Edit(c)
			for what, take := range map[string]func() error{
				"decoded":        func() error { _, err := circuit.Decode(c.Encode()); return err },
				"laid out":       func() error { _, err := layout.New(c); return err },
				"laid out (key)": func() error { _, err := layout.ForKey(c); return err },
				"a key":          func() error { _, err := verify.NewKey(&proof.VerifyingKey{Circuit: c, Tau: e.s.SRS.TauG2}); return err },
			} {
				if err := take(); err == nil {
					return Accepted, "a malformed circuit is " + what
				}
			}
			return Rejected, ""
		}})
	}
	for what, edit := range tamper.TooLarge {
		list = append(list, Try{Target: "vk", Operator: "key of a circuit that is too large", Field: what, Run: func(context.Context) (Verdict, string) {
			vk := *e.s.PK.VK
			vk.Circuit = edit(vk.Circuit)
			if _, err := verify.NewKey(&vk); err != nil {
				return Rejected, err.Error()
			}
			return Accepted, "a circuit that is too large is taken"
		}})
	}
	slices.SortStableFunc(list, func(a, b Try) int { return strings.Compare(a.Field, b.Field) })
	c := e.mutations("malformed circuit", "a circuit that breaks one rule", list, nil)
	c.plain = true // the defects are large
	return c
}
