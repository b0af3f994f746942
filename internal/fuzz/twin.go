package fuzz

import (
	"context"
	"fmt"
	"math/big"
	old "math/rand"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// The naive twin of the prover takes any field elements and lets a cheat alter the committed vector: it does what integers
// and the fast prover cannot. It is slow on large circuits, so its number of runs follows from the time of one.
const (
	twinTime = 4 * time.Second // for each of Options.NumRuns
	twinMost = 40              // runs for each of Options.NumRuns
	twinSize = 22              // log2 of the largest committed vector that it is tried on
)

// twins is the campaign of cheats inside the prover: padding, multiplicities, helper columns, field elements that are no
// integers, replayed challenges, keys with constants outside their interval.
func (e *engine) twins() *campaign {
	s := e.s
	c := &campaign{name: "prover's inside", about: "padding, multiplicities, helpers, non-integers, frozen challenges, bad keys", plain: true,
		tries: func(func(Try) bool) {}}
	if s.Lay.N > twinSize {
		c.note = tooLarge(s)
		return c
	}
	rng := e.rng("twin")
	start := time.Now()
	honest, challenges := s.observed()
	took := time.Since(start)
	c.timeout = 20 * took
	list := []Try{{Target: "prover", Operator: "honest", Field: "naive prover", Run: func(context.Context) (Verdict, string) {
		if err := s.Key.Verify(s.Instances, honest.Bytes, s.Kind); err != nil {
			return Failed, "the naive prover's honest proof is refused: " + err.Error()
		}
		return Legal, ""
	}}}
	var cheats []Try
	for _, f := range []func(*rand.Rand) []Try{s.paddings, s.multiplicities, s.helpers, s.fractions, s.publics, s.badKeys} {
		cheats = append(cheats, f(rng)...)
	}
	cheats = append(cheats, s.frozen(challenges)...)
	cheats = append(cheats, e.elsewhere()...)
	spread(rng, cheats)
	list = append(list, kinds(cheats)...)
	c.tries = mixed(list, len(list), nil)
	c.atLeast = min(len(list), max(8, min(twinMost*e.o.NumRuns, int(time.Duration(e.o.NumRuns)*twinTime/max(took, time.Millisecond)))))
	return c
}

// tooLarge says why the naive prover's campaigns are left out.
func tooLarge(s *Subject) string {
	return fmt.Sprintf("left out: 2^%d committed values are too many for the naive prover, which goes to 2^%d", s.Lay.N, twinSize)
}

// kinds orders tries so that every operator comes once before any comes twice.
func kinds(list []Try) []Try {
	seen := map[string]int{}
	turn := make([]int, len(list))
	order := make([]int, len(list))
	for i := range list {
		turn[i], order[i] = seen[list[i].Operator], i
		seen[list[i].Operator]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return turn[a] - turn[b] })
	out := make([]Try, len(list))
	for i, j := range order {
		out[i] = list[j]
	}
	return out
}

// observed is the twin's honest proof, and the challenges that it drew.
func (s *Subject) observed() (*reference.Proof, []fr.Element) {
	var drawn []fr.Element
	p := *s.twin
	p.Start = func(domain string) *transcript.Transcript {
		t := transcript.New(s.Kind, domain)
		t.Observe = func(_ string, c *fr.Element) { drawn = append(drawn, *c) }
		return t
	}
	return p.Prove(s.Lay, s.PK.VK.Digest(), s.twinKey, reference.Field(s.Values), s.Coins), drawn
}

// cheat is a try in which the committed vector is altered at a stage of the naive prover.
func (s *Subject) cheat(operator, field, stage string, f func(v fr.Vector)) Try {
	return Try{Target: "prover", Operator: operator, Field: field, Run: func(context.Context) (Verdict, string) {
		p := *s.twin
		p.Cheat = func(now string, v fr.Vector) {
			if now == stage {
				f(v)
			}
		}
		b := p.Prove(s.Lay, s.PK.VK.Digest(), s.twinKey, reference.Field(s.Values), s.Coins).Bytes
		return s.verdict(s.Instances, b)
	}}
}

// gaps are the addresses of the lookup columns that hold no entry of a block: tags force them to 0.
func gaps(lay *layout.Layout) map[int][]int {
	inside := map[int]bool{}
	for b := range lay.C.Blocks {
		if lay.C.Blocks[b].Role == circuit.Column {
			layout.Inside(lay.C.Blocks[b].Dims, func(at int) { inside[lay.At[b]+at] = true })
		}
	}
	out := map[int][]int{}
	for i, slot := range lay.Slots {
		for _, from := range []int{slot.In, slot.Out} {
			if from == circuit.None {
				continue
			}
			for at := from; at < from+1<<lay.HeightVars; at++ {
				if !inside[at] {
					out[i] = append(out[i], at)
				}
			}
		}
	}
	return out
}

// paddings writes into the padding of the lookup columns.
func (s *Subject) paddings(rng *rand.Rand) []Try {
	var out []Try
	free := gaps(s.Lay)
	for slot := range s.Lay.Slots {
		list := free[slot]
		if len(list) == 0 {
			continue
		}
		for _, x := range []int64{1, -1, 6, int64(1 + rng.IntN(1<<16))} {
			at := list[rng.IntN(len(list))]
			for _, stage := range []string{"columns", "W"} {
				out = append(out, s.cheat("padding", fmt.Sprintf("slot %d, address %d, value %d, stage %s", slot, at, x, stage), stage, func(v fr.Vector) { v[at].SetInt64(x) }))
			}
		}
	}
	for b := range s.Lay.C.Blocks { // the padding of free blocks is fixed by their relations
		dims := s.Lay.C.Blocks[b].Dims
		if at := 1<<circuit.PaddedLog(dims) - 1; s.Lay.C.Blocks[b].Role == circuit.Free && circuit.Count(dims) <= at {
			out = append(out, s.cheat("padding", s.Lay.C.Blocks[b].Name, "columns", func(v fr.Vector) { v[s.Lay.At[b]+at].SetInt64(1) }))
		}
	}
	return out
}

// multiplicities moves counts between rows: their sum stays.
func (s *Subject) multiplicities(rng *rand.Rand) []Try {
	var out []Try
	one := fr.One()
	for i := range s.Lay.Tables {
		at := s.Lay.TableAt[i] + rng.IntN(max(s.Lay.C.Tables[i].Size-1, 1))
		for _, pair := range [][2]int{{0, at}, {at, 0}, {at, at + 1}} {
			if pair[1] == s.Lay.TableAt[i]+s.Lay.Tables[i].Size {
				continue
			}
			out = append(out, s.cheat("multiplicity", fmt.Sprintf("row %d to %d", pair[0], pair[1]), "W", func(v fr.Vector) {
				m := v[s.Lay.M:]
				m[pair[0]].Sub(&m[pair[0]], &one)
				m[pair[1]].Add(&m[pair[1]], &one)
			}))
		}
		out = append(out, s.cheat("multiplicity+1", fmt.Sprintf("row %d", at), "W", func(v fr.Vector) { v[s.Lay.M+at].Add(&v[s.Lay.M+at], &one) }))
	}
	// an entry that is in no table, with a count for a row that exists: the sum of the counts is right
	for b := range s.Lay.C.Blocks {
		if s.Lay.C.Blocks[b].Role == circuit.Column {
			out = append(out, s.cheat("entry in no table", s.Lay.C.Blocks[b].Name, "columns", func(v fr.Vector) {
				v[s.Lay.At[b]].SetInt64(1 << 40)
				m := v[s.Lay.M:]
				m[0].Add(&m[0], &one)
			}))
		}
	}
	return out
}

// helpers shifts entries of the helper columns against each other: their sums stay.
func (s *Subject) helpers(rng *rand.Rand) []Try {
	var out []Try
	d := scalar(rng)
	for i, h := range s.Lay.Helpers {
		x, y := rng.IntN(1<<s.Lay.HeightVars), rng.IntN(1<<s.Lay.TableVars)
		other := s.Lay.Helpers[(i+1)%len(s.Lay.Helpers)] + 1<<s.Lay.HeightVars - 1 - x
		if other != h+x {
			out = append(out, s.cheat("helpers shifted", fmt.Sprintf("group %d", i), "H", func(v fr.Vector) {
				v[h+x].Add(&v[h+x], &d)
				v[other].Sub(&v[other], &d)
			}))
		}
		out = append(out, s.cheat("helper and table shifted", fmt.Sprintf("group %d", i), "H", func(v fr.Vector) {
			v[h+x].Add(&v[h+x], &d)
			v[s.Lay.HT+y].Add(&v[s.Lay.HT+y], &d)
		}), s.cheat("helpers of nothing", fmt.Sprintf("group %d", i), "H", func(v fr.Vector) {
			clear(v[h : h+1<<s.Lay.HeightVars])
		}))
	}
	return out
}

// wrongValues is a try that proves values in the field.
func (s *Subject) wrongValues(operator, field string, change func(v []fr.Vector)) Try {
	return Try{Target: "prover", Operator: operator, Field: field, Run: func(context.Context) (Verdict, string) {
		values := reference.Field(s.Values)
		change(values)
		b := s.twin.Prove(s.Lay, s.PK.VK.Digest(), s.twinKey, values, s.Coins).Bytes
		return s.verdict(s.publicOf(values), b)
	}}
}

// publics are instances that are no small integers, though their lowest 64 bits are those of one, or of its negative: a public
// value that nothing reads may be any element, if the verifier does not look.
func (s *Subject) publics(rng *rand.Rand) []Try {
	var power fr.Element
	power.SetBigInt(new(big.Int).Lsh(big.NewInt(1), 64))
	one := fr.One()
	var out []Try
	for b := range s.Net.Circuit.Blocks {
		blk := &s.Net.Circuit.Blocks[b]
		if blk.Role != circuit.Public {
			continue
		}
		at := rng.IntN(circuit.Count(blk.Dims))
		for operator, f := range map[string]func(x *fr.Element){
			"+2^64":  func(x *fr.Element) { x.Add(x, &power) },
			"-2^64":  func(x *fr.Element) { x.Sub(x, &power) },
			"2^64-1": func(x *fr.Element) { x.Sub(&power, &one) },
			"1-2^64": func(x *fr.Element) { x.Sub(&one, &power) },
		} {
			out = append(out, s.wrongValues(operator, fmt.Sprintf("%s[%d]", blk.Name, at), func(v []fr.Vector) {
				v[b] = slices.Clone(v[b])
				f(&v[b][at])
			}))
		}
	}
	slices.SortFunc(out, func(a, b Try) int { return strings.Compare(a.Field+a.Operator, b.Field+b.Operator) })
	return out
}

// publicOf are the public entries of values in the field.
func (s *Subject) publicOf(values []fr.Vector) []fr.Element {
	var out []fr.Element
	for i := range s.Net.Circuit.Blocks {
		if s.Net.Circuit.Blocks[i].Role == circuit.Public {
			out = append(out, values[i]...)
		}
	}
	return out
}

// elsewhere are wrong integers, as the malicious prover has them, whose entries are counted in any table that has them under the
// id of their own: the fast prover looks nowhere else.
func (e *engine) elsewhere() []Try {
	s := e.s
	var out []Try
	for _, m := range e.malices(e.rng("elsewhere")) {
		if m.alone || m.operator != "zero" && m.operator != "bit" && !strings.Contains(m.operator, "carry") {
			continue
		}
		out = append(out, Try{Target: "prover", Operator: m.operator + ", any table", Field: m.field, Run: func(context.Context) (Verdict, string) {
			v := m.values(s)
			for b := range v {
				if s.key[b] != nil { // the naive prover has them from the key
					v[b] = s.Values[b]
				}
			}
			if witness.Mock(s.Net.Circuit, v) == nil {
				return Legal, "unchanged, or the malicious prover's finding"
			}
			values := reference.Field(v)
			return s.verdict(s.publicOf(values), s.twin.Prove(s.Lay, s.PK.VK.Digest(), s.twinKey, values, s.Coins).Bytes)
		}})
	}
	return out
}

// fractions are solutions of a step's relation modulo p that are no integers: digits that carry halves, and quotients
// (X - r)/E mod p for a wrong remainder r.
func (s *Subject) fractions(*rand.Rand) []Try {
	two := fr.NewElement(2)
	var half fr.Element
	half.Inverse(&two)
	var out []Try
	name := func(b int) string { return s.Net.Circuit.Blocks[b].Name }
	scaled := func(x fr.Element, num, den int64) fr.Element { // x * num / den
		var a, b fr.Element
		a.SetInt64(num)
		b.SetInt64(den)
		b.Inverse(&b)
		return *x.Mul(&x, a.Mul(&a, &b))
	}
	for i := range s.Net.Certificate.Steps {
		st := &s.Net.Certificate.Steps[i]
		lists := [][]determinism.Digit{st.Digits}
		if d := st.Division; d != nil {
			lists = append(lists, d.Quotient, d.Remainder)
		}
		for _, ds := range lists {
			for j := 1; j < len(ds); j++ {
				high, low := ds[j-1], ds[j]
				out = append(out, s.wrongValues("half a carry", name(high.Block), func(v []fr.Vector) {
					t := scaled(half, high.Coef, low.Coef)
					v[high.Block] = slices.Clone(v[high.Block])
					v[low.Block] = slices.Clone(v[low.Block])
					v[high.Block][0].Add(&v[high.Block][0], &half)
					v[low.Block][0].Sub(&v[low.Block][0], &t)
				}))
			}
		}
		for _, b := range st.Blocks {
			if s.key[b] != nil { // a fixed output: the prover has no choice
				continue
			}
			out = append(out, s.wrongValues("half", name(b), func(v []fr.Vector) {
				v[b] = slices.Clone(v[b])
				v[b][0].Add(&v[b][0], &half)
			}), s.wrongValues("inverse", name(b), func(v []fr.Vector) { // 1/x, or 1/2
				v[b] = slices.Clone(v[b])
				inverse := v[b][0]
				if inverse.Inverse(&inverse); inverse == v[b][0] { // of 0, 1 and -1
					inverse = half
				}
				v[b][0] = inverse
			}))
		}
		if st.Division != nil {
			out = append(out, s.fieldQuotient(i))
		}
	}
	return out
}

// fieldQuotient is a division with remainder 0 and quotient X/E mod p, the slack that bounds the remainder to match.
func (s *Subject) fieldQuotient(step int) Try {
	c, st := s.Net.Circuit, &s.Net.Certificate.Steps[step]
	d := st.Division
	q, r := d.Quotient[len(d.Quotient)-1], d.Remainder[len(d.Remainder)-1]
	return s.wrongValues("field inverse as quotient", c.Blocks[q.Block].Name, func(v []fr.Vector) {
		// where the quotient is one more, the remainder is less by E
		ints := s.cloned()
		ints[q.Block][0]++
		s.solveRemainder(step, ints)
		divisor := s.Values[r.Block][0] - ints[r.Block][0]
		rest := s.Values[r.Block][0]
		if divisor == 0 || rest == 0 {
			return
		}
		ints = s.cloned()
		ints[r.Block][0] = 0
		witness.Resolve(s.Net.Solvable, s.Net.Certificate, ints, step+1)
		for b := range ints {
			if !slices.Equal(ints[b], s.Values[b]) {
				v[b] = field.FromInts(ints[b])
			}
		}
		var t, e fr.Element
		t.SetInt64(rest)
		e.SetInt64(divisor)
		v[q.Block] = slices.Clone(v[q.Block])
		v[q.Block][0].Add(&v[q.Block][0], t.Mul(&t, e.Inverse(&e)))
	})
}

// frozen are proofs of false statements made for the challenges of the true proof: they hold if those are replayed.
func (s *Subject) frozen(challenges []fr.Element) []Try {
	replay := func(string) *transcript.Transcript {
		t := transcript.New(s.Kind, "frozen")
		k := 0
		t.Observe = func(_ string, c *fr.Element) {
			if k < len(challenges) {
				*c = challenges[k]
			}
			k++
		}
		return t
	}
	var out []Try
	one := fr.One()
	for b := range s.Net.Circuit.Blocks {
		blk := &s.Net.Circuit.Blocks[b]
		if blk.Role != circuit.Public && blk.Role != circuit.Column && blk.Role != circuit.Free {
			continue
		}
		out = append(out, Try{Target: "prover", Operator: "frozen challenges", Field: blk.Name, Run: func(context.Context) (Verdict, string) {
			values := reference.Field(s.Values)
			values[b] = slices.Clone(values[b])
			values[b][0].Add(&values[b][0], &one)
			p := *s.twin
			p.Start = replay
			return s.verdict(s.publicOf(values), p.Prove(s.Lay, s.PK.VK.Digest(), s.twinKey, values, s.Coins).Bytes)
		}})
		if blk.Role != circuit.Public {
			continue
		}
		out = append(out, Try{Target: "prover", Operator: "simulated", Field: blk.Name, Run: func(context.Context) (Verdict, string) {
			values := reference.Field(s.Values)
			values[b] = slices.Clone(values[b])
			values[b][0].Add(&values[b][0], &one)
			inst := s.padded(values)
			rng := old.New(old.NewSource(int64(b))) // the simulator is older than math/rand/v2
			p := s.twin.Simulate(s.Lay, s.twin.KeyRows(s.Lay, s.twinKey), inst, func() *transcript.Transcript { return replay("") }, rng, nil)
			return s.verdict(s.publicOf(values), p.Bytes)
		}})
	}
	return out
}

// padded are the public blocks at their padded positions.
func (s *Subject) padded(values []fr.Vector) []fr.Vector {
	out := make([]fr.Vector, len(values))
	for i := range s.Net.Circuit.Blocks {
		b := &s.Net.Circuit.Blocks[i]
		if b.Role != circuit.Public {
			continue
		}
		out[i] = make(fr.Vector, 1<<circuit.PaddedLog(b.Dims))
		k := 0
		layout.Inside(b.Dims, func(at int) {
			out[i][at] = values[i][k]
			k++
		})
	}
	return out
}
