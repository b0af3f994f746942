package ezkl

import (
	"context"
	"fmt"
	"io"

	"github.com/ezkl-go/ezkl/internal/audit"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Audits and their parts.
type (
	// AuditReport is what an audit found: WriteText, WriteHTML and WriteSARIF write it for people and scanners, and it is
	// an object for encoding/json.
	AuditReport = audit.Report
	// AuditCheck is one claim of a report and what became of it.
	AuditCheck = audit.Check
	// KeyReport is what VerifyKey found.
	KeyReport = audit.KeyReport
)

// AuditOptions are what an audit looks at beside the compiled circuit; all are optional.
type AuditOptions struct {
	KeyPath         string    // vk.key: the audit decodes and checks it
	SRS             *SRS      // that of the key
	Settings        *Settings // a settings file that should be the one of the circuit
	Witness         *Witness  // gives the values of fixed inputs and outputs; otherwise not used
	RequireCeremony bool      // an SRS that is not shown to be the public ceremony's fails
	Exhaustive      bool      // also search for second witnesses by enumeration
	Progress        Progress

	CircuitPath string // for the report
}

// Audit collects evidence about a circuit and its key that somebody else may have made. Defects are in the report
// (AuditReport.Failed), not in the error.
func Audit(ctx context.Context, c *Circuit, o AuditOptions) (*AuditReport, error) {
	s, err := o.subject(ctx, c)
	if err != nil {
		return nil, err
	}
	r, err := audit.New(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return r, nil
}

// VerifyKey checks a verifying key that somebody else made: its encoding, its points, its key proof, and, where they are
// given, that it was made with the SRS and for the circuit, whose public constants are committed again. c may be nil.
func VerifyKey(ctx context.Context, c *Circuit, o AuditOptions) (*KeyReport, error) {
	s, err := o.subject(ctx, c)
	if err != nil {
		return nil, err
	}
	return audit.NewKey(ctx, s)
}

func (o *AuditOptions) subject(ctx context.Context, c *Circuit) (*audit.Subject, error) {
	s := &audit.Subject{Version: Version, Given: o.Settings, RequireCeremony: o.RequireCeremony, Exhaustive: o.Exhaustive, CircuitPath: o.CircuitPath, KeyPath: o.KeyPath}
	if o.KeyPath != "" {
		var err error
		if s.Key, err = formats.ReadFile(o.KeyPath, formats.VKFile); err != nil {
			return nil, err
		}
	}
	vk, keyErr := proof.DecodeVerifyingKey(s.Key) // the report says what is wrong with it
	if c != nil {
		if keyErr == nil && c.of(vk) != nil {
			c = c.of(vk)
		}
		s.File, s.Circuit, s.Settings = c.file, c.circuit, c.settings
		var err error
		if s.Constants, err = c.key(ctx, o.Witness); err != nil && o.Witness != nil {
			return nil, err
		}
	}
	if o.Progress != nil {
		s.Progress = func(step string, done, total int) { o.Progress(step, int64(done), int64(total)) }
	}
	if o.SRS != nil {
		s.SRS, s.SRSPath = o.SRS.s, o.SRS.path
		s.NotCeremony = requireCeremony(&o.SRS.s.TauG2, o.SRS.Unsafe(), o.SRS.path)
	}
	if keyErr == nil {
		s.NotCeremony = requireCeremony(&vk.Tau, vk.Unsafe, s.SRSPath)
	}
	return s, nil
}

// writerTo makes a writer function an artefact for Save.
type writerTo func(io.Writer) error

// WriteTo writes it. The number of bytes is not counted.
func (f writerTo) WriteTo(w io.Writer) (int64, error) { return 0, f(w) }

// AuditHTML is a report as one self-contained page, for Save.
func AuditHTML(r *AuditReport) io.WriterTo { return writerTo(r.WriteHTML) }

// AuditSARIF is a report as a SARIF 2.1.0 log, for Save.
func AuditSARIF(r *AuditReport) io.WriterTo { return writerTo(r.WriteSARIF) }
