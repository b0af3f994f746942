package ezkl

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/ezkl-go/ezkl/internal/audit"
	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

// VerifyingKey is all that a verifier needs of a circuit and its constants.
type VerifyingKey struct {
	raw *proof.VerifyingKey
	key *verify.Key // accepted: its own proof has been verified
}

// LoadVerifyingKey reads vk.key and verifies the proof that it carries about itself.
func LoadVerifyingKey(path string) (*VerifyingKey, error) { return load(path, formats.VKFile, parseVK) }

// ReadVerifyingKey reads vk.key from a stream; name is used in messages.
func ReadVerifyingKey(name string, r io.Reader) (*VerifyingKey, error) {
	return read(name, r, formats.VKFile, parseVK)
}

func parseVK(name string, data []byte) (*VerifyingKey, error) {
	raw, err := proof.DecodeVerifyingKey(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	k, err := verify.NewKey(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &VerifyingKey{raw, k}, nil
}

// WriteTo writes vk.key.
func (k *VerifyingKey) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(k.raw.Encode())
	return int64(n), err
}

// Unsafe reports that the secret of the key's SRS was known to whoever made it.
func (k *VerifyingKey) Unsafe() bool { return k.raw.Unsafe }

// LogRows is log2 of the size of the SRS that its circuit needs.
func (k *VerifyingKey) LogRows() int { return k.raw.Circuit.LogRow + 1 }

// Digest identifies the key, as 64 hexadecimal digits.
func (k *VerifyingKey) Digest() string {
	d := k.key.Digest()
	return hex.EncodeToString(d[:])
}

// VerifyOptions shape Verify.
type VerifyOptions struct {
	// RequireCeremony refuses a key whose SRS is not the public ceremony's. CeremonySRS is a file of the ceremony, of any size,
	// to compare with; if it is empty or of unknown origin, those in the folder of get-srs are tried.
	RequireCeremony bool
	CeremonySRS     string
}

// Verify checks a proof. nil means: whoever made it knows an input, and the constants of the key, for which the circuit of
// the key holds with these instances. Any other error than those of options is a rejection, with a RejectionCode.
func Verify(k *VerifyingKey, p *Proof, o VerifyOptions) error {
	if o.RequireCeremony {
		if err := requireCeremony(&k.raw.Tau, k.Unsafe(), o.CeremonySRS); err != nil {
			return err
		}
	}
	kind, err := transcriptKind(p.Transcript)
	if err != nil {
		return err
	}
	return k.key.Verify(p.Instances, p.Bytes, kind)
}

func transcriptKind(name string) (transcript.Kind, error) {
	switch name {
	case "", "evm", "EVM":
		return transcript.EVM, nil
	case "poseidon", "Poseidon":
		return transcript.Poseidon, nil
	}
	return 0, fmt.Errorf("unknown transcript %q: use evm or poseidon", name)
}

// RejectionCode is the stable name of the reason why Verify refused a proof, or "" for other errors.
func RejectionCode(err error) string {
	var r *verify.Rejection
	if errors.As(err, &r) {
		return string(r.Code)
	}
	return ""
}

// CheckKey recomputes the public part of a key from the compiled circuit: whoever did not run Setup does so once, before
// trusting the key. A nil circuit checks only that the key was made with this SRS. The witness gives the values of fixed
// inputs and outputs, and may be nil without such.
func CheckKey(ctx context.Context, k *VerifyingKey, c *Circuit, s *SRS, w *Witness) error {
	var of *circuit.Circuit
	var constants [][]int64
	if c != nil {
		if same := c.of(k.raw); same != nil { // otherwise the audit says that they differ
			c = same
		}
		of = c.circuit
		var err error
		if constants, err = c.key(ctx, w); err != nil {
			return err
		}
	}
	if c != nil { // rows that agree over points that are no powers say nothing: whoever made both could have put in other constants
		if err := s.s.Verify(); err != nil {
			return err
		}
	}
	for _, x := range audit.BelongsTo(k.raw, s.s, of, constants) {
		if x.Verdict == audit.Fail || x.Verdict == audit.Skipped && of != nil {
			return errors.New(x.Detail)
		}
	}
	return ctx.Err()
}
