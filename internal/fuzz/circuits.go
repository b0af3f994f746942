package fuzz

import (
	"context"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

const (
	circuitRuns      = 3 // random circuits for each of Options.NumRuns
	circuitRelations = 4 // relations of one
	circuitLog       = 12
)

// circuits is the campaign of other circuits than the network's: one with every kind of block, table and relation, and random
// ones. Their honest keys and proofs must be accepted, and not for other public inputs. It reaches the kinds that the network
// has none of.
func (e *engine) circuits() *campaign {
	rng := e.rng("circuits")
	c := &campaign{name: "random circuits", about: "honest keys and proofs of other circuits", plain: true, atLeast: 3 + circuitRuns*e.o.NumRuns}
	c.tries = func(yield func(Try) bool) {
		powers := &srs.SRS{Unsafe: true}
		powers.G1, powers.TauG2 = (&reference.Prover{Tau: scalar(rng)}).SRS(2 << circuitLog)
		_, _, _, powers.G2 = bn254.Generators()
		for i := 0; ; i++ {
			seed := rng.Int64()
			if !yield(Try{Target: "completeness", Operator: "random circuit", Field: fmt.Sprint("circuit ", i), Run: func(ctx context.Context) (Verdict, string) {
				net, err := another(i, seed)
				if err != nil {
					return Failed, err.Error()
				}
				return e.s.judgeCircuit(ctx, net, powers)
			}}) {
				return
			}
		}
	}
	return c
}

// another is the toy network, then the part of it in which one side of every product is public, then one with both sides public
// and a constant in them, then random circuits.
func another(i int, seed int64) (*toynet.Net, error) {
	if i > 2 {
		return toynet.Random(seed, circuitRelations)
	}
	net, err := toynet.New(seed, layout.Arrange)
	if i == 0 || err != nil {
		return net, err
	}
	pub, total := net.Block("Pub"), int64(0)
	for _, x := range net.Values[pub] {
		total += x * (x + 1)
	}
	if net, err = net.With("squares", 1, func(b int) circuit.Relation { // squares = sum_i pub[i] (pub[i] + 1)
		out, sum := []circuit.Letter{0}, []circuit.Letter{1}
		x := circuit.Term{Coef: 1, Block: pub, Axes: sum}
		return circuit.Relation{Name: "squares", Letters: []circuit.Axis{{Name: "one", Len: 1}, {Name: "i", Len: len(net.Values[pub])}}, Out: out,
			LHS: circuit.Expr{Letters: out, Terms: []circuit.Term{{Coef: 1, Block: b, Axes: out}}},
			Sum: []circuit.Contraction{{Inner: sum, A: circuit.Expr{Letters: sum, Terms: []circuit.Term{x}},
				B: &circuit.Expr{Letters: sum, Terms: []circuit.Term{x, {Coef: 1, Block: circuit.None}}}}}}
	}, func(int) int64 { return total }); err != nil {
		return nil, err
	}
	return net.Bilinear(func(name string) bool { return name == "squares" || i == 1 && name == "public" })
}

// judgeCircuit makes key and proof of a circuit.
func (s *Subject) judgeCircuit(ctx context.Context, net *toynet.Net, powers *srs.SRS) (Verdict, string) {
	if net.C.LogRow > circuitLog {
		return Legal, "a larger circuit than the powers allow"
	}
	key := make([][]int64, len(net.Values))
	for i, b := range net.C.Blocks {
		if b.Role == circuit.Fixed || b.Role == circuit.Private {
			key[i] = net.Values[i]
		}
	}
	pk, err := prover.Setup(ctx, net.C, key, powers, prover.Options{})
	if err != nil {
		return Failed, err.Error()
	}
	k, err := verify.ParseKey(pk.VK.Encode())
	if err != nil {
		return Failed, "an honest key is refused: " + err.Error()
	}
	b, err := prover.Prove(ctx, pk, powers.G1, net.Values, prover.Options{Transcript: s.Kind})
	if err != nil {
		return Failed, err.Error()
	}
	inst := net.Instances()
	verifiers := []Verifier{{"native", func(inst []fr.Element, b []byte) error { return k.Verify(inst, b, s.Kind) }}}
	if program, err := evm.Compile(pk.VK); err == nil && s.Kind == transcript.EVM {
		verifiers = append(verifiers, Verifier{"EVM program", func(inst []fr.Element, b []byte) error { return program.Verify(&pk.VK.Tau, inst, b, nil) }})
	}
	for _, v := range verifiers {
		if err := v.Verify(inst, b); err != nil {
			return Failed, fmt.Sprintf("an honest proof is refused by %s: %v", v.Name, err)
		}
		for i := range min(len(inst), 3) {
			inst[i].Neg(&inst[i])
			if !inst[i].IsZero() && v.Verify(inst, b) == nil {
				return Accepted, fmt.Sprintf("%s takes it for another instance %d", v.Name, i)
			}
			inst[i].Neg(&inst[i])
		}
	}
	return Legal, ""
}
