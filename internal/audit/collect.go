package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/srs"
)

// Subject is what is audited. Only File and Circuit are necessary.
type Subject struct {
	Version string
	File    *formats.Compiled
	Circuit *circuit.Circuit // decoded from File
	// Constants are the values of the key's blocks, by block: those of File, and fixed inputs and outputs from a witness.
	// nil: the latter are not known.
	Constants [][]int64
	Settings  *formats.Settings // that File holds
	Given     *formats.Settings // a settings file that should be the one of the circuit
	Key       []byte            // vk.key as it is
	SRS       *srs.SRS
	// NotCeremony says why the SRS, or the key's, is not shown to be a public ceremony's; nil: it is.
	NotCeremony     error
	RequireCeremony bool // makes NotCeremony a failure

	CircuitPath, KeyPath, SRSPath string // for people

	Exhaustive bool
	Progress   func(step string, done, total int)
}

func (s *Subject) report(step string, done, total int) {
	if s.Progress != nil {
		s.Progress(step, done, total)
	}
}

// New audits a subject. The error is ctx's, or that the circuit has no layout; everything else is in the report.
func New(ctx context.Context, s *Subject) (*Report, error) {
	lay, err := layout.New(s.Circuit)
	if err != nil {
		return nil, err
	}
	r := &Report{Version: s.Version, Circuit: s.summary(lay)}
	s.report("certificate", 0, 0)
	r.certify(s.Circuit)
	r.blocks(s.Circuit)
	r.tensors(s)
	r.tables(s.Circuit)
	r.unused(s)
	if err := r.security(s.Circuit, lay); err != nil {
		return nil, err
	}
	s.report("key", 0, 0)
	if err := r.key(ctx, s); err != nil {
		return nil, err
	}
	r.settings(s)
	r.flags(s)
	if s.Exhaustive {
		if err := r.exhaustive(ctx, s); err != nil {
			return nil, err
		}
	}
	return r, ctx.Err()
}

// add appends a check.
func (r *Report) add(id string, v Verdict, title, detail string, class []string, where ...string) {
	r.Checks = append(r.Checks, Check{ID: id, Verdict: v, Title: title, Detail: detail, Class: class, Where: places(where)})
}

func (s *Subject) summary(lay *layout.Layout) Summary {
	c := s.Circuit
	d := c.Digest()
	out := Summary{File: s.CircuitPath, Digest: hex.EncodeToString(d[:]), ModelSHA256: hex.EncodeToString(s.File.ModelDigest[:]),
		Parameters: "private", Blocks: len(c.Blocks), Relations: len(c.Relations), Tables: len(c.Tables), LogRow: c.LogRow, LogVector: lay.N}
	if s.Settings != nil {
		out.Parameters = s.Settings.RunArgs.ParamVisibility.String()
	}
	n := c.Sizes()
	out.Instances, out.Constants, out.Committed, out.Lookups = n.Instances, n.Constants, n.Committed, n.Lookups
	return out
}

// certify asks for the certificate: does every committed integer follow from inputs and key, and does nothing wrap?
func (r *Report) certify(c *circuit.Circuit) {
	cert, err := determinism.Certify(c)
	const title = "every integer that the prover commits is a function of inputs and key"
	var open *determinism.Undetermined
	var wraps *determinism.Overflow
	switch {
	case errors.As(err, &open):
		r.certificate = open.Certificate
		var where []string
		for _, b := range open.Blocks {
			where = append(where, c.Blocks[b].Name)
		}
		r.add("determined", Fail, title, fmt.Sprintf("%d of %d blocks are not determined: a prover can choose them; do not use this circuit",
			len(open.Blocks), len(c.Blocks)), []string{"C1", "C2", "C3", "C4", "C7", "C8", "C11", "C18"}, where...)
		r.add("no-wrap", Skipped, "no relation wraps modulo p", "the intervals need a certificate", nil)
		return
	case errors.As(err, &wraps):
		r.certificate = wraps.Certificate
	case err != nil:
		r.add("determined", Fail, title, err.Error(), nil)
		return
	default:
		r.certificate = cert
	}
	r.add("determined", Pass, title, fmt.Sprintf("%d blocks: %s; %d relations are checks of a witness that is fixed without them",
		len(c.Blocks), r.rules(c), len(r.certificate.Checks)), []string{"C1", "C2", "C3", "C4", "C7", "C8", "C11", "C18"})
	const fits = "no relation wraps modulo p: integers stay below p/2"
	bits, at := 0, 0
	for i, b := range r.certificate.Bits {
		if b > bits {
			bits, at = b, i
		}
	}
	switch {
	case wraps != nil:
		r.add("no-wrap", Fail, fits, wraps.Error(), []string{"C3", "C6", "C9", "C15"}, wraps.Name)
	case len(c.Relations) == 0:
		r.add("no-wrap", Pass, fits, "there is no relation", nil)
	default:
		r.add("no-wrap", Pass, fits, fmt.Sprintf("the largest side of a relation has %d bits, p/2 has %d", bits, halfBits),
			[]string{"C3", "C6", "C9", "C15"}, c.Relations[at].Name)
	}
	if len(r.certificate.Wide) > 0 {
		var where []string
		for _, b := range r.certificate.Wide {
			where = append(where, c.Blocks[b].Name)
		}
		r.add("solver-width", Note, "the witness generator computes every value",
			fmt.Sprintf("%d blocks could pass 62 bits for some inputs: gen-witness refuses those, honest values are far smaller", len(where)), []string{"C12"}, where...)
	}
}

// rules counts the certificate's reasons.
func (r *Report) rules(c *circuit.Circuit) string {
	count := map[determinism.Rule]int{}
	for i := range c.Blocks {
		if by := r.certificate.By[i]; by == circuit.None {
			count[determinism.Given]++
		} else {
			count[r.certificate.Steps[by].Rule]++
		}
	}
	text := ""
	for _, rule := range slices.Sorted(maps.Keys(count)) {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", count[rule], rule)
	}
	return text
}

// tensors lists the network's inputs and outputs and what binds them.
func (r *Report) tensors(s *Subject) {
	first := make([]int, len(s.Circuit.Blocks)) // first instance of each public block
	n := 0
	for i := range s.Circuit.Blocks {
		first[i] = n
		if s.Circuit.Blocks[i].Role == circuit.Public {
			n += circuit.Count(s.Circuit.Blocks[i].Dims)
		}
	}
	for k, list := range [][]formats.IO{s.File.Inputs, s.File.Outputs} {
		for _, x := range list {
			t := Tensor{Name: x.Name, Kind: [...]string{"input", "output"}[k], Type: x.Type, Dims: x.Dims,
				Visibility: formats.Visibility{Kind: x.Visibility}.String(), Unit: math.Ldexp(1, -x.Scale)}
			if k == 0 {
				t.Lo, t.Hi = float64(x.Lo)*t.Unit, float64(x.Hi)*t.Unit
			}
			for _, p := range x.Parts {
				t.Blocks = append(t.Blocks, p.Block)
			}
			t.Binding = binding(s.Circuit, &t, first)
			r.Tensors = append(r.Tensors, t)
		}
	}
}

func binding(c *circuit.Circuit, t *Tensor, first []int) string {
	if len(t.Blocks) == 0 {
		return "a constant of the circuit"
	}
	b := &c.Blocks[t.Blocks[0]]
	n := circuit.Count(b.Dims)
	switch b.Role {
	case circuit.Public:
		at := first[t.Blocks[0]]
		return fmt.Sprintf("instances %d to %d: part of every challenge, each checked against [%d, %d]", at, at+n-1, b.Lo, b.Hi)
	case circuit.Fixed, circuit.Private:
		return "constants of the key"
	case circuit.Column:
		if t.Kind == "input" {
			return "committed by each proof, hidden; every digit is looked up in its table; nothing else is said about it"
		}
	}
	return "committed by each proof, hidden; determined by the circuit"
}
