package ezkl

import (
	"context"
	"fmt"
	"io"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/verify"
)

// SetupOptions shape Setup.
type SetupOptions struct {
	Witness         *Witness // gives the values of fixed inputs and outputs; otherwise not used
	RequireCeremony bool     // refuse an SRS that is not the public ceremony's, as VerifyOptions has it
	Progress        Progress
}

// ProvingKey is what a prover needs beside the compiled circuit. It is secret where parameters are private.
type ProvingKey struct{ raw *proof.ProvingKey }

// Setup commits to a circuit's constants and proves that they lie in their intervals. The verifying key is for everybody,
// the proving key for the prover.
func Setup(ctx context.Context, c *Circuit, s *SRS, o SetupOptions) (*ProvingKey, *VerifyingKey, error) {
	if o.RequireCeremony {
		if err := requireCeremony(&s.s.TauG2, s.Unsafe(), s.path); err != nil {
			return nil, nil, err
		}
	}
	values, err := c.key(ctx, o.Witness)
	if err != nil {
		return nil, nil, err
	}
	raw, err := prover.Setup(ctx, c.circuit, values, s.s, prover.Options{Progress: o.Progress.stages()})
	if err != nil {
		return nil, nil, err
	}
	key, err := verify.NewKey(raw.VK)
	if err != nil {
		return nil, nil, fmt.Errorf("setup made a key that does not verify: %w", err)
	}
	return &ProvingKey{raw}, &VerifyingKey{raw.VK, key}, nil
}

// stages reports the names of stages.
func (p Progress) stages() func(string) {
	if p == nil {
		return nil
	}
	return func(stage string) { p(stage, 0, 0) }
}

// Unsafe reports that the secret of the key's SRS was known to whoever made it.
func (k *ProvingKey) Unsafe() bool { return k.raw.VK.Unsafe }

// LogRows is log2 of the size of the SRS that its circuit needs.
func (k *ProvingKey) LogRows() int { return k.raw.VK.Circuit.LogRow + 1 }

// LoadProvingKey reads pk.key.
func LoadProvingKey(path string) (*ProvingKey, error) { return load(path, formats.PKFile, parsePK) }

// ReadProvingKey reads pk.key from a stream; name is used in messages.
func ReadProvingKey(name string, r io.Reader) (*ProvingKey, error) {
	return read(name, r, formats.PKFile, parsePK)
}

func parsePK(name string, data []byte) (*ProvingKey, error) {
	raw, err := proof.DecodeProvingKey(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &ProvingKey{raw}, nil
}

// WriteTo writes pk.key.
func (k *ProvingKey) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(k.raw.Encode())
	return int64(n), err
}
