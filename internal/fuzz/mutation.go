package fuzz

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/tamper"
	"github.com/ezkl-go/ezkl/verify"
)

// rawRuns is how many random mutants a file gets for each of Options.NumRuns.
const rawRuns = 50

// spread orders mutants so that each field comes once, with some operator, before any comes twice. It returns the number of
// fields.
func spread(rng *rand.Rand, list []Try) int {
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	seen := map[string]int{}
	turn := make(map[*Try]int, len(list))
	order := make([]*Try, len(list))
	for i := range list {
		t := list[i]
		order[i] = &t
		turn[order[i]] = seen[t.Field]
		seen[t.Field]++
	}
	slices.SortStableFunc(order, func(a, b *Try) int { return turn[a] - turn[b] })
	for i := range order {
		list[i] = *order[i]
	}
	return len(seen)
}

// mixed runs through structured tries, from the second field on in turns with raw ones, which never end.
func mixed(list []Try, fields int, raw func() Try) iter.Seq[Try] {
	return func(yield func(Try) bool) {
		for i := 0; ; i++ {
			if i < len(list) && !yield(list[i]) {
				return
			}
			if i >= fields && raw != nil && !yield(raw()) {
				return
			}
			if raw == nil && i >= len(list) {
				return
			}
		}
	}
}

// mutations is a campaign of structured tries, each field once at least, and of raw ones.
func (e *engine) mutations(name, about string, list []Try, raw func() Try) *campaign {
	fields := spread(e.rng(name), list)
	n := max(fields, min(len(list), 2*rawRuns*e.o.NumRuns))
	if raw != nil {
		n += rawRuns * e.o.NumRuns
	}
	return &campaign{name: name, about: about, tries: mixed(list, fields, raw), atLeast: n}
}

// proofs is the campaign that changes proofs. A changed proof is accepted if any verifier takes it under the original key for
// the original instances and it is not the original.
func (e *engine) proofs() *campaign {
	s := e.s
	try := func(m tamper.Mutant) Try {
		return Try{Target: "proof", Operator: m.Operator, Field: m.Field, File: m.Make, Name: "proof.bin", Run: func(context.Context) (Verdict, string) {
			b := m.Make()
			if bytes.Equal(b, s.Proof) {
				return Legal, "unchanged"
			}
			return s.verdict(s.Instances, b)
		}}
	}
	var list []Try
	for _, m := range tamper.Proof(s.Lay, s.Proof) {
		list = append(list, try(m))
	}
	rng := e.rng("proof raw")
	return e.mutations("proof", "a changed proof under the true key, for the true instances", list,
		func() Try { return try(tamper.Raw(rng, s.Proof)) })
}

// replays is the campaign of true proofs of something else: another kind of proof, another input, model or SRS.
func (e *engine) replays() *campaign {
	s := e.s
	replay := func(field string, p func() ([]byte, error)) Try {
		return Try{Target: "proof", Operator: "replay", Field: field, Run: func(context.Context) (Verdict, string) {
			b, err := p()
			if err != nil {
				return Failed, err.Error()
			}
			if bytes.Equal(b, s.Proof) {
				return Legal, "unchanged"
			}
			return s.verdict(s.Instances, b)
		}}
	}
	out := []Try{
		replay("the key proof", func() ([]byte, error) { return s.PK.VK.KeyProof, nil }),
		replay("the key proof with the proof behind", func() ([]byte, error) { return append(bytes.Clone(s.PK.VK.KeyProof), s.Proof...), nil }),
		{Target: "proof", Operator: "other transcript", Field: "kind", Run: func(context.Context) (Verdict, string) {
			if s.Key.Verify(s.Instances, s.Proof, 1-s.Kind) == nil {
				return Accepted, "accepted under the other hash"
			}
			return Rejected, ""
		}},
	}
	out = append(out, e.zeros()...)
	out = append(out, e.otherInputs()...)
	out = append(out, e.others()...)
	return &campaign{name: "replay", about: "true proofs of something else in the place of the proof", tries: mixed(out, len(out), nil), plain: true}
}

// zeros is an honest proof whose coins are all 0: so is G2, and a row of W that holds nothing else is the point at infinity. Each
// has that one encoding.
func (e *engine) zeros() []Try {
	s := e.s
	c := prover.Coins{RowsW: make([]fr.Element, len(s.Coins.RowsW)), RowsH: make([]fr.Element, len(s.Coins.RowsH)),
		Mask: make([]fr.Element, len(s.Coins.Mask)), CoverW: make([]fr.Element, len(s.Coins.CoverW)),
		CoverH: make([]fr.Element, len(s.Coins.CoverH)), G2: make([]fr.Element, len(s.Coins.G2))}
	var honest []byte
	prove := func(ctx context.Context) (err error) {
		if honest == nil {
			honest, err = prover.Prove(ctx, s.PK, s.SRS.G1, s.Values, prover.Options{Transcript: s.Kind, Coins: &c})
		}
		return err
	}
	out := []Try{{Target: "proof", Operator: "honest", Field: "coins of 0", Run: func(ctx context.Context) (Verdict, string) {
		if err := prove(ctx); err != nil {
			return Failed, err.Error()
		}
		if err := s.Key.Verify(s.Instances, honest, s.Kind); err != nil {
			return Failed, "an honest proof is refused: " + err.Error()
		}
		return Legal, ""
	}}}
	at := 0
	for k, m := range tamper.Manifest(s.Lay) {
		change := tamper.Scalar
		if m.Points {
			change = tamper.Point
		}
		for i := range m.Count {
			from, to, field := at+i*m.Width(), at+(i+1)*m.Width(), fmt.Sprintf("%s#%d[%d], if it is 0", m.Label, k, i)
			if m.Label != "G2" && m.Label != "C_W" {
				continue
			}
			for j := range change("", s.Proof, from, from) {
				out = append(out, Try{Target: "proof", Operator: change("", s.Proof, from, from)[j].Operator, Field: field, Run: func(ctx context.Context) (Verdict, string) {
					if err := prove(ctx); err != nil {
						return Failed, err.Error()
					}
					b := change("", honest, from, from)[j].Make()
					if bytes.Equal(b, honest) || !bytes.Equal(honest[from:to], make([]byte, to-from)) {
						return Legal, "unchanged, or not 0"
					}
					return s.verdict(s.Instances, b)
				}})
			}
		}
		at += m.Size()
	}
	return out
}

// otherInputs are proofs of random inputs of the same circuit: each is refused for the other's public values, if these differ.
func (e *engine) otherInputs() []Try {
	s := e.s
	rng := e.rng("other inputs")
	var out []Try
	for i := range e.o.NumRuns {
		x := random(s, rng)
		out = append(out, Try{Target: "proof", Operator: "replay", Field: fmt.Sprint("other input ", i), Run: func(ctx context.Context) (Verdict, string) {
			values, err := s.Solve(ctx, x.input)
			if err != nil {
				return Legal, "no witness: " + err.Error()
			}
			inst := s.InstancesOf(values)
			same := slices.Equal(inst, s.Instances)
			if same && s.fits(values) {
				return Legal, "the same public values"
			}
			p, err := s.prove(ctx, values)
			if err != nil {
				return Failed, err.Error()
			}
			if v, text := s.verdict(s.Instances, p); v != Rejected || same {
				return v, text
			}
			return s.verdict(inst, s.Proof)
		}})
	}
	return out
}

// others are proofs and keys of another model and of another SRS, as ezkl 9 tried: made once, when the first is wanted.
func (e *engine) others() []Try {
	s := e.s
	type pair struct {
		key   *verify.Key
		proof []byte
	}
	make1 := func(ctx context.Context, model bool) (*pair, error) {
		net, values, powers := s.key, s.Values, s.SRS
		if model {
			net, values = slices.Clone(net), slices.Clone(values)
			for i := len(net) - 1; i >= 0; i-- { // one constant, +-1, inside its interval: the last of the last block that allows it
				if net[i] == nil {
					continue
				}
				b, v := &s.Net.Circuit.Blocks[i], slices.Clone(net[i])
				at := len(v) - 1
				if v[at]++; v[at] > b.Hi {
					v[at] -= 2
				}
				if v[at] >= b.Lo {
					net[i], values[i] = v, v
					break
				}
			}
		} else {
			other := *s.twin
			other.Tau = scalar(e.rng("other srs"))
			points, tau := other.SRS(len(s.SRS.G1))
			o := *s.SRS
			o.G1, o.TauG2 = points, tau
			powers = &o
		}
		pk, err := prover.Setup(ctx, s.Net.Circuit, net, powers, prover.Options{})
		if err != nil {
			return nil, err
		}
		key, err := verify.NewKey(pk.VK)
		if err != nil {
			return nil, err
		}
		p, err := prover.Prove(ctx, pk, powers.G1, values, prover.Options{Transcript: s.Kind})
		return &pair{key, p}, err
	}
	var out []Try
	for model, field := range map[bool]string{true: "other model", false: "other SRS"} {
		out = append(out, Try{Target: "proof", Operator: "replay", Field: field, Run: func(ctx context.Context) (Verdict, string) {
			if model && !slices.ContainsFunc(s.key, func(v []int64) bool { return v != nil }) {
				return Legal, "a model without constants"
			}
			o, err := make1(ctx, model)
			if err != nil {
				return Failed, err.Error()
			}
			if v, text := s.verdict(s.Instances, o.proof); v != Rejected {
				return v, "its proof: " + text
			}
			if o.key.Verify(s.Instances, s.Proof, s.Kind) == nil {
				return Accepted, "the true proof is accepted under its key"
			}
			return Rejected, ""
		}})
	}
	slices.SortFunc(out, func(a, b Try) int { return bytes.Compare([]byte(a.Field), []byte(b.Field)) })
	return out
}

// statements is the campaign that changes the public inputs of the true proof.
func (e *engine) statements() *campaign {
	s := e.s
	var list []Try
	var other []fr.Element // those of another input
	if values, err := s.Solve(context.Background(), random(s, e.rng("public other")).input); err == nil {
		other = s.InstancesOf(values)
	}
	for _, m := range tamper.Instances(s.Net.Circuit, s.Instances, other) {
		list = append(list, Try{Target: "public", Operator: m.Operator, Field: m.Field, Name: "instances.txt", File: func() []byte {
			return []byte(fmt.Sprintln(m.Make()))
		}, Run: func(context.Context) (Verdict, string) {
			inst := m.Make()
			if slices.Equal(inst, s.Instances) {
				return Legal, "unchanged"
			}
			return s.verdict(inst, s.Proof)
		}})
	}
	rng := e.rng("public raw")
	raw := func() Try { // a random field element, or a random legal integer, in a random place
		inst := slices.Clone(s.Instances)
		at := rng.IntN(max(len(inst), 1))
		operator, x := "random element", scalar(rng)
		bit, value := rng.IntN(8*fr.Bytes), byte(rng.IntN(256))
		switch kind := rng.IntN(4); {
		case kind == 0:
			operator = "random integer"
			x.SetInt64(rng.Int64N(1<<20) - 1<<19)
		case kind > 1 && len(inst) > 0:
			b := inst[at].Bytes()
			if operator = "bit flip"; kind == 2 {
				b[bit/8] ^= 1 << (bit % 8)
			} else {
				operator, b[bit/8] = "byte set", value
			}
			x.SetBytes(b[:]) // reduced: the statement has elements; proof.json's other encodings are that file's campaign
		}
		return Try{Target: "public", Operator: operator, Field: fmt.Sprint("entry ", at), Run: func(context.Context) (Verdict, string) {
			if len(inst) == 0 || inst[at].Equal(&x) {
				return Legal, "unchanged"
			}
			inst[at] = x
			return s.verdict(inst, s.Proof)
		}}
	}
	return e.mutations("public", "other public inputs for the true proof", list, raw)
}
