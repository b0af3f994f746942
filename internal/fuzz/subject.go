package fuzz

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/internal/witness"
	"github.com/ezkl-go/ezkl/verify"
)

// Verifier decides on a proof under the subject's key: nil is acceptance. All verifiers of a run must agree.
type Verifier struct {
	Name   string
	Verify func(instances []fr.Element, proof []byte) error
}

// Subject is a compiled network with a key and an honest proof, made once for all campaigns.
type Subject struct {
	Net    *lower.Compiled
	Graph  *graph.Graph     // the float network; nil where only the compiled circuit is known
	Input  []*tensor.Tensor // the given input; nil without Graph
	Values [][]int64        // its witness, by block
	Kind   transcript.Kind

	SRS       *srs.SRS // its secret is known to the twin
	PK        *proof.ProvingKey
	Key       *verify.Key
	Lay       *layout.Layout
	Instances []fr.Element
	Proof     []byte
	Coins     *prover.Coins // of Proof
	Verifiers []Verifier    // the native one first
	// Contract, if set, is called with calldata: nil is acceptance. It is the contract as its program says, or, in tests, in an EVM.
	Contract func(calldata []byte) error
	program  *evm.Program
	NoEVM    string        // why there is no EVM verifier among Verifiers
	Setup    time.Duration // SRS, key and its check: what ezkl 9 repeats for each run

	key     [][]int64 // the constants of setup: those of Net, and fixed inputs and outputs of Values
	twin    *reference.Prover
	twinKey *reference.Key
}

// Prepare makes SRS, key and proof from a seed. Input or Values must be set; Values are solved from Input if they are nil.
func (s *Subject) Prepare(ctx context.Context, seed uint64, stage func(string)) error {
	if s.Values == nil {
		var err error
		if s.Values, err = s.Solve(ctx, s.Input); err != nil {
			return err
		}
	}
	lay, err := layout.New(s.Net.Circuit)
	if err != nil {
		return err
	}
	s.Lay = lay
	start := time.Now()
	stage("setup")
	rng := rand.New(rand.NewPCG(seed, 0))
	s.twin = &reference.Prover{Tau: scalar(rng), Kind: s.Kind}
	points, tau := s.twin.SRS(2 << lay.L)
	s.SRS = &srs.SRS{G1: points, TauG2: tau, Unsafe: true, Source: "ezkl fuzz", Powers: len(points)}
	_, _, _, s.SRS.G2 = bn254.Generators()
	s.key = s.constants(s.Values)
	if s.PK, err = prover.Setup(ctx, s.Net.Circuit, s.key, s.SRS, prover.Options{}); err != nil {
		return err
	}
	if s.Key, err = verify.NewKey(s.PK.VK); err != nil {
		return fmt.Errorf("fuzz: the honest key does not verify: %w", err)
	}
	s.Setup = time.Since(start)
	s.twinKey = reference.NewKey(lay, reference.Field(s.Values), s.PK.Blinders)
	s.Verifiers = append([]Verifier{{"native", func(inst []fr.Element, p []byte) error { return s.Key.Verify(inst, p, s.Kind) }}}, s.Verifiers...)
	s.addEVM()
	stage("prove")
	s.Instances = s.InstancesOf(s.Values)
	s.Coins = coins(lay, rng)
	if s.Proof, err = prover.Prove(ctx, s.PK, s.SRS.G1, s.Values, prover.Options{Transcript: s.Kind, Coins: s.Coins}); err != nil {
		return err
	}
	return s.Honest()
}

// addEVM adds the EVM verifier's program, interpreted in Go.
func (s *Subject) addEVM() {
	if s.Kind != transcript.EVM {
		s.NoEVM = "the EVM verifier takes proofs of transcript evm only"
		return
	}
	p, err := evm.Compile(s.PK.VK)
	if err != nil {
		s.NoEVM = "the key has no EVM verifier: " + err.Error()
		return
	}
	if s.Contract == nil {
		s.Contract = func(calldata []byte) error { return p.Call(&s.PK.VK.Tau, calldata) }
	}
	s.program = p
	s.Verifiers = append(s.Verifiers, Verifier{"EVM program", func(inst []fr.Element, b []byte) error { return p.Verify(&s.PK.VK.Tau, inst, b, nil) }})
}

// Honest says whether key and proof are accepted, as they must be.
func (s *Subject) Honest() error {
	k, err := verify.ParseKey(s.PK.VK.Encode())
	if err != nil {
		return fmt.Errorf("fuzz: the honest key is refused: %w", err)
	}
	if err := k.Verify(s.Instances, s.Proof, s.Kind); err != nil {
		return fmt.Errorf("fuzz: the honest proof is refused under the key as its file has it: %w", err)
	}
	for _, v := range s.Verifiers {
		if err := v.Verify(s.Instances, s.Proof); err != nil {
			return fmt.Errorf("fuzz: the %s verifier refuses the honest proof: %w", v.Name, err)
		}
	}
	return nil
}

// Solve is the witness of an input.
func (s *Subject) Solve(ctx context.Context, input []*tensor.Tensor) ([][]int64, error) {
	values, err := s.Net.Values(input)
	if err != nil {
		return nil, err
	}
	return values, witness.Solve(ctx, s.Net.Solvable, s.Net.Certificate, values)
}

// constants are what setup commits for a witness: the network's constants, and the witness's fixed inputs and outputs.
func (s *Subject) constants(values [][]int64) [][]int64 {
	key := make([][]int64, len(values))
	for i := range key {
		if r := s.Net.Circuit.Blocks[i].Role; r == circuit.Fixed || r == circuit.Private {
			key[i] = values[i]
		}
	}
	return key
}

// fits reports whether values have the constants of the key: else they are a witness for another key, if they are any.
func (s *Subject) fits(values [][]int64) bool {
	return slices.EqualFunc(s.key, s.constants(values), slices.Equal[[]int64])
}

// provable says whether an honest witness is proven and verified: under the key, or, if its fixed inputs and outputs are others,
// under one of its own, and then not under the key.
func (s *Subject) provable(ctx context.Context, values [][]int64) error {
	pk, verifiers := s.PK, s.Verifiers
	own := s.fits(values)
	if !own {
		var err error
		if pk, err = prover.Setup(ctx, s.Net.Circuit, s.constants(values), s.SRS, prover.Options{}); err != nil {
			return err
		}
		key, err := verify.NewKey(pk.VK)
		if err != nil {
			return fmt.Errorf("the key of other fixed values is refused: %w", err)
		}
		verifiers = []Verifier{{"native", func(inst []fr.Element, p []byte) error { return key.Verify(inst, p, s.Kind) }}}
	}
	p, err := prover.Prove(ctx, pk, s.SRS.G1, values, prover.Options{Transcript: s.Kind})
	if err != nil {
		return err
	}
	inst := s.InstancesOf(values)
	for _, v := range verifiers {
		if err := v.Verify(inst, p); err != nil {
			return fmt.Errorf("the honest proof is refused by %s: %w", v.Name, err)
		}
	}
	if !own && s.Key.Verify(inst, p, s.Kind) == nil {
		return errors.New("a proof for other fixed values verifies under the key")
	}
	return nil
}

// InstancesOf are the public entries of values.
func (s *Subject) InstancesOf(values [][]int64) []fr.Element {
	var out []fr.Element
	for i := range s.Net.Circuit.Blocks {
		if s.Net.Circuit.Blocks[i].Role == circuit.Public {
			out = append(out, field.FromInts(values[i])...)
		}
	}
	return out
}

// prove makes a proof with fresh coins.
func (s *Subject) prove(ctx context.Context, values [][]int64) ([]byte, error) {
	return prover.Prove(ctx, s.PK, s.SRS.G1, values, prover.Options{Transcript: s.Kind})
}

// verdict asks all verifiers about a false statement or a changed proof.
func (s *Subject) verdict(inst []fr.Element, p []byte) (Verdict, string) {
	accepted := ""
	for _, v := range s.Verifiers {
		err := v.Verify(inst, p)
		if err == nil {
			accepted += " " + v.Name
		}
	}
	if accepted != "" {
		return Accepted, "accepted by:" + accepted
	}
	return Rejected, ""
}

func scalar(rng *rand.Rand) fr.Element {
	var b [48]byte
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rng.Uint64())
	}
	var e fr.Element
	e.SetBytes(b[:])
	return e
}

// coins are a proof's coins from a seed.
func coins(lay *layout.Layout, rng *rand.Rand) *prover.Coins {
	draw := func(n int) []fr.Element {
		out := make([]fr.Element, n)
		for i := range out {
			out[i] = scalar(rng)
		}
		return out
	}
	return &prover.Coins{RowsW: draw(lay.Rows[layout.SegW].Count), RowsH: draw(lay.Rows[layout.SegH].Count), Mask: draw(lay.MaskSize),
		CoverW: draw(layout.CoverW), CoverH: draw(layout.CoverH), G2: draw(lay.G2Size())}
}
