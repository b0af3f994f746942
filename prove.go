package ezkl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

// ProveOptions shape Prove.
type ProveOptions struct {
	Transcript string // "evm" (Keccak-256; also ""), or "poseidon": cheap to verify inside another proof
	SkipCheck  bool   // do not verify the proof
	Progress   Progress
}

// Prove makes a proof of a witness. The witness is solved again from its inputs, and unless SkipCheck is set the proof is
// verified before it is returned. Two proofs of one witness differ: nothing but the instances can be learnt from them.
func Prove(ctx context.Context, c *Circuit, pk *ProvingKey, s *SRS, w *Witness, o ProveOptions) (*Proof, error) {
	kind, err := transcriptKind(o.Transcript)
	if err != nil {
		return nil, err
	}
	if c = c.of(pk.raw.VK); c == nil {
		return nil, errors.New("the proving key is of another circuit (run setup)")
	}
	if !pk.raw.VK.Tau.Equal(&s.s.TauG2) {
		return nil, errors.New("the proving key was made with another SRS (run setup, or give the right --srs-path)")
	}
	o.Progress.report("solve witness", 0, 0)
	values, err := c.replay(ctx, w)
	if err != nil {
		return nil, err
	}
	var key *verify.Key // of the check below; made beside the proof
	var keyErr error
	made := make(chan struct{})
	go func() {
		defer close(made)
		if !o.SkipCheck {
			key, keyErr = verify.NewKey(pk.raw.VK)
		}
	}()
	b, err := prover.Prove(ctx, pk.raw, s.s.G1, values, prover.Options{Transcript: kind, Progress: o.Progress.stages()})
	if err != nil {
		<-made
		return nil, err
	}
	now := time.Now().UnixMilli()
	p := &Proof{Instances: c.instances(values), Bytes: b, Pretty: c.public(w), Timestamp: &now, Version: Version, Transcript: formats.TranscriptEVM}
	if kind == transcript.Poseidon {
		p.Transcript = formats.TranscriptPoseidon
	}
	if o.SkipCheck {
		return p, nil
	}
	o.Progress.report("verify", 0, 0)
	if <-made; keyErr != nil {
		return nil, fmt.Errorf("the proving key's verifying key: %w", keyErr)
	}
	if err := key.Verify(p.Instances, p.Bytes, kind); err != nil {
		return nil, fmt.Errorf("the proof does not verify, so it was not kept: is the proving key of this compiled circuit%s? %w",
			c.ofWitness(), err)
	}
	return p, ctx.Err()
}

// ofWitness is what else a key depends on.
func (c *Circuit) ofWitness() string {
	if len(fixedBlocks(c.file.Inputs))+len(fixedBlocks(c.file.Outputs)) == 0 {
		return ""
	}
	return " and of a witness with the same fixed inputs and outputs"
}

// instances are the values of the Public blocks, in order.
func (c *Circuit) instances(values [][]int64) []fr.Element {
	var out []fr.Element
	for i := range c.circuit.Blocks {
		if c.circuit.Blocks[i].Role == circuit.Public {
			out = append(out, field.FromInts(values[i])...)
		}
	}
	return out
}

// public shows the public inputs and outputs of a witness.
func (c *Circuit) public(w *Witness) *formats.PrettyElements {
	pick := func(list []formats.IO, values [][]int64) ([][]int64, []int) {
		var v [][]int64
		var s []int
		for i := range list {
			if list[i].Visibility == formats.Public {
				v, s = append(v, values[i]), append(s, list[i].Scale)
			}
		}
		return v, s
	}
	in, inScales := pick(c.file.Inputs, w.Inputs)
	out, outScales := pick(c.file.Outputs, w.Outputs)
	return formats.Pretty(in, inScales, out, outScales)
}
