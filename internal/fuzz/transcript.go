package fuzz

import (
	"context"
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/tamper"
)

// transcripts is the campaign that asks whether Fiat-Shamir binds everything. The challenges of the naive prover's accepted
// proof are the verifier's (else it would refuse it); they must be those that the reviewed inventory gives, the statement must
// be in them, and each value of the proof must change every challenge after it and none before.
func (e *engine) transcripts() *campaign {
	s := e.s
	lay, digest := s.Lay, s.PK.VK.Digest()
	var honest []fr.Element
	var twin *reference.Proof
	list := []Try{{Target: "transcript", Operator: "inventory", Field: "all challenges", Run: func(context.Context) (Verdict, string) {
		var drawn []fr.Element
		twin, drawn = s.observed()
		if err := s.Key.Verify(s.Instances, twin.Bytes, s.Kind); err != nil {
			return Failed, "the naive prover's honest proof is refused: " + err.Error()
		}
		derived, err := tamper.Challenges(lay, s.Kind, digest, s.Instances, twin.Bytes)
		if err != nil {
			return Failed, err.Error()
		}
		honest = derived
		if !slices.Equal(derived, drawn) {
			return Accepted, "the verifier's challenges are not those of the inventory: something is not absorbed, or in another order"
		}
		return Legal, ""
	}}}
	// what changes, and how many challenges come before it
	bound := func(field string, before int, f func() ([]fr.Element, error)) {
		list = append(list, Try{Target: "transcript", Operator: "change", Field: field, Run: func(context.Context) (Verdict, string) {
			if twin == nil {
				return Failed, "no honest proof"
			}
			got, err := f()
			if err != nil {
				return Failed, err.Error()
			}
			for i := range honest {
				if same := got[i].Equal(&honest[i]); same != (i < before) {
					return Accepted, fmt.Sprintf("challenge %d of %d does not follow from it (%d come before it)", i, len(honest), before)
				}
			}
			return Rejected, ""
		}})
	}
	derive := func(d [32]byte, inst []fr.Element, b []byte) ([]fr.Element, error) {
		return tamper.Challenges(lay, s.Kind, d, inst, b)
	}
	bound("key digest", 0, func() ([]fr.Element, error) {
		d := digest
		d[31] ^= 1
		return derive(d, s.Instances, twin.Bytes)
	})
	one := fr.One()
	for i := range s.Instances {
		bound(fmt.Sprintf("instance %d", i), 0, func() ([]fr.Element, error) {
			inst := slices.Clone(s.Instances)
			inst[i].Add(&inst[i], &one)
			return derive(digest, inst, twin.Bytes)
		})
	}
	_, _, g1, _ := bn254.Generators()
	at, k, before := 0, 0, 0
	messages := tamper.Manifest(lay)
	for _, ev := range tamper.Inventory(lay)[2:] {
		if ev.Challenge {
			before++
			continue
		}
		m := messages[k]
		for i := range m.Count {
			from, count := at+i*m.Width(), before
			bound(fmt.Sprintf("%s#%d[%d]", m.Label, k, i), count, func() ([]fr.Element, error) {
				with := proof.AppendPoint(nil, &g1)
				if !m.Points {
					x := new(fr.Element).SetBytes(twin.Bytes[from : from+m.Width()])
					y := x.Add(x, &one).Bytes()
					with = y[:]
				}
				return derive(digest, s.Instances, tamper.Splice(twin.Bytes, from, with))
			})
		}
		at += m.Size()
		k++
	}
	c := &campaign{name: "transcript", about: "every value that Fiat-Shamir must bind, changed", tries: mixed(list, len(list), nil), plain: true}
	if lay.N > twinSize {
		return &campaign{name: c.name, about: c.about, note: tooLarge(s), tries: func(func(Try) bool) {}}
	}
	return c
}
