package fuzz

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// wrongRuns is how many wrong witnesses are proven for each of Options.NumRuns, beside one for each block.
const wrongRuns = 10

// malice is one way to be wrong: values to change, and the step from which everything is computed anew.
type malice struct {
	operator, field string
	change          func(v [][]int64) // blocks are fresh copies
	from            int
	alone           bool // leave everything else as it was
}

// values are the honest ones with the change, and what follows from it.
func (m *malice) values(s *Subject) [][]int64 {
	v := s.cloned()
	m.change(v)
	if !m.alone {
		witness.Resolve(s.Net.Solvable, s.Net.Certificate, v, m.from)
	}
	return v
}

// provers is the campaign of the malicious prover: each block that the prover chooses is made wrong, what follows from it is
// computed anew by the certificate's rules, with the public outputs that come of it, and the whole prover runs. It is accepted
// if the wrong values are a second witness (mock finds nothing wrong), or if the proof verifies for its public values.
func (e *engine) provers() *campaign {
	s := e.s
	var list []Try
	for _, m := range e.malices(e.rng("prover")) {
		list = append(list, Try{Target: "prover", Operator: m.operator, Field: m.field, Run: func(ctx context.Context) (Verdict, string) {
			return s.judgeWitness(ctx, m.values(s))
		}})
	}
	fields := spread(e.rng("prover order"), list)
	return &campaign{name: "malicious prover", about: "wrong values in one block, the rest consistent, the whole prover run",
		tries: mixed(list, fields, nil), atLeast: min(len(list), fields+wrongRuns*e.o.NumRuns), plain: true}
}

// judgeWitness proves values that are no witness, if they are none.
func (s *Subject) judgeWitness(ctx context.Context, values [][]int64) (Verdict, string) {
	same := true
	for b := range values {
		same = same && slices.Equal(values[b], s.Values[b])
	}
	if same {
		return Legal, "unchanged"
	}
	if s.fits(values) && witness.Mock(s.Net.Circuit, values) == nil {
		return Accepted, "two witnesses for one input: " + difference(s, values)
	}
	p, err := s.prove(ctx, values)
	if err != nil {
		return Failed, err.Error()
	}
	v, text := s.verdict(s.InstancesOf(values), p)
	if v == Accepted {
		text += ": " + difference(s, values)
	}
	return v, text
}

// difference names the first block in which values are not the honest ones.
func difference(s *Subject, values [][]int64) string {
	for b := range values {
		for i := range values[b] {
			if values[b][i] != s.Values[b][i] {
				return fmt.Sprintf("block %q, entry %d is %d in place of %d", s.Net.Circuit.Blocks[b].Name, i, values[b][i], s.Values[b][i])
			}
		}
	}
	return "none"
}

// malices lists the ways to be wrong: blocks that the prover chooses, inputs beyond their range, and constants, fixed inputs and
// outputs that are not the key's.
func (e *engine) malices(rng *rand.Rand) []malice {
	c, cert := e.s.Net.Solvable, e.s.Net.Certificate
	var out []malice
	for b := range c.Blocks {
		n := circuit.Count(c.Blocks[b].Dims)
		name := c.Blocks[b].Name
		at := rng.IntN(n)
		step := cert.By[b]
		constant := e.s.key[b] != nil && step == circuit.None // what follows from another constant is consistent, and of another key
		if step == circuit.None && !constant {
			if lo, hi, ok := bounds(cert, b); ok && slices.Contains(c.Inputs, b) { // an input: any value in range is right
				out = append(out,
					malice{operator: "below the lowest", field: name, change: func(v [][]int64) { v[b][at] = lo - 1 }},
					malice{operator: "above the highest", field: name, change: func(v [][]int64) { v[b][at] = hi + 1 }})
			}
			continue
		}
		value := func(operator string, f func(x []int64, at int)) {
			for _, alone := range []bool{false, true} {
				op := operator
				if alone {
					op += ", alone"
				}
				out = append(out, malice{operator: op, field: name, from: step + 1, alone: alone, change: func(v [][]int64) { f(v[b], at) }})
			}
		}
		power := int64(1) << (1 + rng.IntN(30))
		value("+1", func(x []int64, at int) { x[at]++ })
		value("-1", func(x []int64, at int) { x[at]-- })
		if constant {
			continue
		}
		value("+2^k", func(x []int64, at int) { x[at] += power })
		value("-2^k", func(x []int64, at int) { x[at] -= power })
		value("sign", func(x []int64, at int) { x[at] = -x[at] })
		value("zero", func(x []int64, at int) { x[at] = 0 })
		value("bit", func(x []int64, at int) { x[at] ^= 1 })
		if n > 1 {
			next := (at + 1) % n
			value("copy of a neighbour", func(x []int64, at int) { x[at] = x[next] })
			value("swap", func(x []int64, at int) { x[at], x[next] = x[next], x[at] })
			value("all the same", func(x []int64, at int) {
				for i := range x {
					x[i] = x[at]
				}
			})
		}
	}
	for i := range cert.Steps {
		out = append(out, e.compensated(i, rng)...)
	}
	return append(out, e.beyond()...)
}

// beyond are inputs outside their declared range, written in the digits that hold inputs: the circuit may hold none.
func (e *engine) beyond() []malice {
	var out []malice
	for i := range e.s.Net.Inputs {
		io := &e.s.Net.Inputs[i]
		for name, x := range map[string]int64{"input above its range": io.Hi + 1, "input below its range": io.Lo - 1} {
			out = append(out, malice{operator: name, field: io.Name, change: func(v [][]int64) {
				rest := x
				for j := len(io.Parts) - 1; j >= 0; j-- {
					p := io.Parts[j]
					digit := rest >> bits.TrailingZeros64(uint64(p.Coef))
					rest -= digit * p.Coef
					v[p.Block][0] = digit
				}
			}})
		}
	}
	slices.SortFunc(out, func(a, b malice) int { return strings.Compare(a.field+a.operator, b.field+b.operator) })
	return out
}

// compensated are wrong solutions of a step's own relation: a digit too many here, its weight taken off there; a quotient one
// off with the remainder to match. Only ranges refuse them.
func (e *engine) compensated(step int, rng *rand.Rand) []malice {
	c, st := e.s.Net.Circuit, &e.s.Net.Certificate.Steps[step]
	var out []malice
	carry := func(kind string, ds []determinism.Digit) {
		for i := 1; i < len(ds); i++ {
			high, low := ds[i-1], ds[i]
			if high.Coef%low.Coef != 0 {
				continue
			}
			n := circuit.Count(c.Blocks[high.Block].Dims)
			for _, d := range []int64{1, -1, 1, -1, 1, -1} { // at three places: it may matter what the digits are
				at := rng.IntN(n)
				out = append(out, malice{operator: fmt.Sprintf("%s carry %+d", kind, d), field: c.Blocks[high.Block].Name, from: step + 1,
					change: func(v [][]int64) {
						v[high.Block][at] += d
						v[low.Block][at] -= d * (high.Coef / low.Coef)
					}})
			}
		}
	}
	carry("digit", st.Digits)
	if d := st.Division; d != nil {
		carry("quotient", d.Quotient)
		carry("remainder", d.Remainder)
		out = append(out, e.quotientOff(step)...)
	}
	return out
}

// quotientOff moves a division's quotient by one and solves its remainder from the relation.
func (e *engine) quotientOff(step int) []malice {
	c, st := e.s.Net.Circuit, &e.s.Net.Certificate.Steps[step]
	d := st.Division
	q := d.Quotient[len(d.Quotient)-1]
	var out []malice
	for _, by := range []int64{1, -1} {
		out = append(out, malice{operator: fmt.Sprintf("quotient %+d", by), field: c.Blocks[q.Block].Name, from: step + 1, change: func(v [][]int64) {
			v[q.Block][0] += by
			e.s.solveRemainder(step, v)
		}})
	}
	return out
}

// solveRemainder lets the lowest digit of a division's remainder take what the relation lacks.
func (s *Subject) solveRemainder(step int, v [][]int64) {
	st := s.Net.Certificate.Steps[step]
	r := st.Division.Remainder[len(st.Division.Remainder)-1]
	if coef := s.Net.Circuit.Relations[st.Relation].LHS.Terms[r.Term].Coef; coef != 1 && coef != -1 {
		return
	}
	st.Rule, st.Term, st.Blocks = determinism.Alone, r.Term, []int{r.Block}
	witness.Resolve(s.Net.Solvable, &determinism.Certificate{Steps: []determinism.Step{st}}, v, 0)
}

// cloned are the honest values, to be changed.
func (s *Subject) cloned() [][]int64 {
	v := make([][]int64, len(s.Values))
	for b := range v {
		v[b] = slices.Clone(s.Values[b])
	}
	return v
}

// bounds is the interval of a block that is given.
func bounds(cert *determinism.Certificate, b int) (lo, hi int64, ok bool) {
	x := cert.Intervals[b]
	if !x.Lo.IsInt64() || !x.Hi.IsInt64() {
		return 0, 0, false
	}
	return x.Lo.Int64(), x.Hi.Int64(), true
}
