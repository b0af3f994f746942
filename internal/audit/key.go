package audit

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/verify"
)

// KeyReport is what is known of a verifying key that somebody else made.
type KeyReport struct {
	Key    *Key    `json:"key,omitempty"` // nil: the file cannot be decoded
	SRS    *SRS    `json:"srs,omitempty"`
	Checks []Check `json:"checks"`
}

// Failed reports whether some check fails.
func (k *KeyReport) Failed() bool { return (&Report{Checks: k.Checks}).Failed() }

// NewKey checks the key of a subject: File, Circuit and SRS are optional.
func NewKey(ctx context.Context, s *Subject) (*KeyReport, error) {
	r := &Report{}
	if err := r.key(ctx, s); err != nil {
		return nil, err
	}
	return &KeyReport{r.Key, r.SRS, r.Checks}, nil
}

// key checks the key, its SRS, and that they belong to the circuit. The error is ctx's.
func (r *Report) key(ctx context.Context, s *Subject) error {
	const decodes = "the key is in canonical form: every point on its curve, [tau]_2 in its group, no byte left over"
	switch vk, err := proof.DecodeVerifyingKey(s.Key); {
	case s.Key == nil:
		r.add("key-encoding", Skipped, decodes, "no key was given (--vk-path)", nil)
	case err != nil:
		r.add("key-encoding", Fail, decodes, err.Error(), []string{"P11", "P13"})
	default:
		r.add("key-encoding", Pass, decodes, fmt.Sprintf("%d rows", len(vk.Rows)), []string{"P11", "P13"})
		r.accept(s, vk)
		r.Checks = append(r.Checks, BelongsTo(vk, s.SRS, s.Circuit, s.Constants)...)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.reference(s)
	return ctx.Err()
}

// accept runs the verifier's own checks of a key.
func (r *Report) accept(s *Subject, vk *proof.VerifyingKey) {
	d, c := vk.Digest(), vk.Circuit.Digest()
	r.Key = &Key{File: s.KeyPath, Digest: hex.EncodeToString(d[:]), Circuit: hex.EncodeToString(c[:]), Rows: len(vk.Rows), KeyProof: len(vk.KeyProof), Unsafe: vk.Unsafe}
	if lay, err := layout.New(vk.Circuit); err == nil {
		r.Key.Private = lay.Rows[layout.SegP].Count
	}
	const title = "the key fits its circuit, and its key proof shows every private constant in its interval, all padding 0"
	class := []string{"C6", "M4", "M6"}
	switch _, err := verify.NewKey(vk); {
	case err != nil:
		r.add("key-proof", Fail, title, err.Error(), class)
	case len(vk.KeyProof) == 0:
		r.add("key-proof", Pass, title, "no constant is private: there is nothing to prove", class)
	default:
		r.add("key-proof", Pass, title, fmt.Sprintf("%d bytes of key proof verify over %d blinded rows", len(vk.KeyProof), r.Key.Private), class)
	}
}

// BelongsTo checks that a key was made with an SRS, for a circuit, and with the circuit's public constants; each may be
// nil. constants are the values of the key's blocks, as in Subject.
func BelongsTo(vk *proof.VerifyingKey, s *srs.SRS, c *circuit.Circuit, constants [][]int64) []Check {
	r := &Report{}
	const same, marked = "the key was made with this SRS", "an unsafe SRS has left its mark in the key"
	switch {
	case s == nil:
		r.add("key-srs", Skipped, same, "no SRS was given (--srs-path)", nil)
	case !vk.Tau.Equal(&s.TauG2):
		r.add("key-srs", Fail, same, "the verifying key was made with another SRS", []string{"P16"})
	case s.Unsafe && !vk.Unsafe:
		r.add("key-srs", Pass, same, "[tau]_2 is the same", []string{"P16"})
		r.add("key-mark", Fail, marked, "the SRS is unsafe (made by gen-srs), but the verifying key does not say so", []string{"P16", "M5"})
	default:
		r.add("key-srs", Pass, same, "[tau]_2 is the same", []string{"P16"})
	}
	const of, rows = "the key is one of this compiled circuit", "the key's public constants are those of the compiled circuit"
	switch {
	case c == nil:
		r.add("key-circuit", Skipped, of, "no compiled circuit was given (-M)", nil)
		return r.Checks
	case vk.Circuit.Digest() != c.Digest():
		r.add("key-circuit", Fail, of, "the verifying key is of another circuit", []string{"M3", "P9"})
		return r.Checks
	}
	r.add("key-circuit", Pass, of, "the digests are equal", []string{"M3", "P9"})
	switch {
	case s == nil || r.Failed():
		r.add("key-constants", Skipped, rows, "the SRS of the key is needed to compute them again (--srs-path)", nil)
		return r.Checks
	case constants == nil:
		r.add("key-constants", Skipped, rows, "inputs or outputs are fixed: their values are needed to compute them again (--witness)", nil)
		return r.Checks
	}
	fixed, err := prover.FixedRows(c, constants, s.G1)
	if err != nil {
		r.add("key-constants", Fail, rows, err.Error(), []string{"M3", "M4"})
		return r.Checks
	}
	for i := range fixed {
		if i >= len(vk.Rows) || !fixed[i].Equal(&vk.Rows[i]) {
			r.add("key-constants", Fail, rows, "the verifying key has other public constants than the compiled circuit and the witness", []string{"M3", "M4"})
			return r.Checks
		}
	}
	r.add("key-constants", Pass, rows, fmt.Sprintf("%d rows computed again: all equal", len(fixed)), []string{"M3", "M4"})
	return r.Checks
}

// reference describes the SRS, or the mark that it left in the key.
func (r *Report) reference(s *Subject) {
	const title = "nobody knows the secret of the SRS"
	const powers = "the SRS holds successive powers of one secret"
	insecure := r.Key != nil && r.Key.Unsafe
	switch {
	case s.SRS == nil:
		r.add("srs-powers", Skipped, powers, "no SRS was given (--srs-path)", nil)
	default:
		insecure = insecure || s.SRS.Unsafe
		id := s.SRS.ID()
		r.SRS = &SRS{File: s.SRSPath, Origin: srs.Unknown.String(), ID: hex.EncodeToString(id[:]), Powers: s.SRS.Powers, Unsafe: s.SRS.Unsafe}
		switch {
		case s.SRS.Unsafe:
			r.SRS.Origin = srs.Insecure.String()
		case s.NotCeremony == nil:
			r.SRS.Origin = srs.Ceremony.String()
		}
		if err := s.SRS.Verify(); err != nil {
			r.add("srs-powers", Fail, powers, err.Error(), []string{"P16"})
			break
		}
		r.SRS.Checked = true
		r.add("srs-powers", Pass, powers, fmt.Sprintf("pairing check over %d powers", len(s.SRS.G1)), []string{"P16"})
	}
	weak := Warning
	if s.RequireCeremony {
		weak = Fail
	}
	switch {
	case s.SRS == nil && r.Key == nil:
		r.add("srs-origin", Skipped, title, "neither key nor SRS was given", nil)
	case insecure:
		r.add("srs-origin", weak, title, "UNSAFE: it was made by gen-srs: whoever made it can forge proofs", []string{"P16", "M5"})
	case s.NotCeremony != nil:
		r.add("srs-origin", weak, title, s.NotCeremony.Error(), []string{"P16"})
	default:
		r.add("srs-origin", Pass, title, "[tau]_2 is that of a file of the perpetual powers of tau, by its SHA-256: safe if one contributor was honest", []string{"P16"})
	}
}
