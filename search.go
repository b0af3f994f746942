package ezkl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/report"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Candidate is a choice of widths or scales that Calibrate tried. Bits and TableBits are 0 where scales are global.
type Candidate struct {
	Bits        int     `json:"bits,omitempty"`       // of values between nodes
	TableBits   int     `json:"table_bits,omitempty"` // log2 of the rows of function tables
	Apart       bool    `json:"apart,omitempty"`      // the steps of a loop or recurrent layer have scales of their own
	InputScale  int     `json:"input_scale,omitempty"`
	ParamScale  int     `json:"param_scale,omitempty"`
	Multiplier  int     `json:"scale_rebase_multiplier,omitempty"`
	MaxAbsError float64 `json:"max_abs_error"`
	ScaledError float64 `json:"scaled_error"` // the largest error of an output over its largest entry, or over 1
	LabelFlips  int     `json:"label_flips"`
	LogRows     int     `json:"logrows"`
	Lookups     int     `json:"lookups"`
	ProofBytes  int     `json:"proof_bytes"`
	Seconds     float64 `json:"prove_seconds"` // estimated
	// Front says that no other candidate is both cheaper and more accurate.
	Front  bool   `json:"front"`
	Chosen bool   `json:"chosen"`
	Error  string `json:"error,omitempty"` // why it cannot be used
}

// widths are the candidates of each target: bits of values and of tables. The first of each is the balanced one; the others of
// target balanced are tried where it is not accurate.
var widths = map[string][][2]int{
	"balanced":               {{16, 16}, {18, 16}, {20, 16}, {20, 18}},
	"resources":              {{16, 16}, {16, 12}, {14, 12}, {12, 12}, {12, 10}, {10, 10}},
	"resources/col-overflow": {{16, 16}, {16, 12}, {14, 12}, {12, 12}, {12, 10}, {10, 10}},
	"accuracy":               {{16, 16}, {18, 16}, {18, 18}, {20, 18}, {20, 20}},
}

// search tries candidates on samples.
type search struct {
	ctx           context.Context
	m             *Model
	before        *Settings
	o             CalibrateOptions
	params        *quant.Params
	samples, want [][]*tensor.Tensor
	trials        []*trial
}

// trial is a compilation with some widths or scales.
type trial struct {
	Candidate
	args     RunArgs
	params   quant.Params
	settings Settings
	compiled *lower.Compiled
	report   *CalibrationReport
	refused  bool // a sample has no witness
}

// Errors of target balanced, as parts of an output's largest entry: what is promised, and what leaves room for other inputs.
const (
	promisedError = 1e-3
	goodError     = promisedError / 4
)

// enough reports whether target balanced looks no further than the trials so far.
func (x *search) enough(tried []*trial, best *trial) bool {
	if x.o.Target != "balanced" || len(tried) == 0 {
		return false
	}
	if best == nil {
		return !slices.ContainsFunc(tried, func(t *trial) bool { return t.refused })
	}
	return best.ScaledError <= goodError || best.ScaledError <= promisedError && best.Seconds > 2
}

// run tries all candidates and gives the one that the target wants.
func (x *search) run() (*trial, error) {
	if err := x.candidates(); err != nil {
		return nil, err
	}
	var failures []error
	var best *trial
	for i, t := range x.trials {
		if x.enough(x.trials[:i], best) {
			x.trials = x.trials[:i]
			break
		}
		if err := t.run(x); err != nil {
			if x.ctx.Err() != nil {
				return nil, x.ctx.Err()
			}
			if !slices.ContainsFunc(failures, func(f error) bool { return f.Error() == err.Error() }) {
				failures = append(failures, err)
			}
			continue
		}
		if best == nil || x.better(t, best) {
			best = t
		}
		for _, u := range x.trials { // keep one circuit only
			if u != best {
				u.compiled = nil
			}
		}
	}
	if best == nil {
		return nil, errors.Join(failures...)
	}
	best.Chosen = true
	return best, nil
}

// candidates fills in trials.
func (x *search) candidates() error {
	list, known := widths[x.o.Target]
	if !known {
		return fmt.Errorf("unknown target %q: use balanced, resources, resources/col-overflow or accuracy", x.o.Target)
	}
	if x.o.Scales == nil {
		if e := x.before.EzklGo; e == nil || e.Scales == formats.ScalesGlobal {
			list = list[:1] // the settings' own scales
		}
		for _, w := range list {
			t := &trial{args: x.before.RunArgs, params: *x.params, Candidate: Candidate{Bits: w[0], TableBits: w[1]}}
			if w[0] != 16 {
				t.params.Bits = w[0]
			}
			if w[1] != 16 {
				t.params.TableBits = w[1]
			}
			x.trials = append(x.trials, t)
			if x.params.Joined && len(x.trials) == 1 && x.o.Target == "balanced" {
				apart := *t
				apart.Apart, apart.params.Joined = true, false
				x.trials = append(x.trials, &apart)
			}
		}
		return nil
	}
	multipliers := x.o.ScaleRebaseMultiplier
	if multipliers == nil {
		multipliers = []int{1}
	}
	for _, in := range x.o.Scales {
		for _, param := range x.o.Scales {
			for _, k := range multipliers {
				if in <= param {
					t := &trial{args: x.before.RunArgs, params: *x.params, Candidate: Candidate{InputScale: in, ParamScale: param, Multiplier: k}}
					t.args.InputScale, t.args.ParamScale, t.args.ScaleRebaseMultiplier = in, param, k
					x.trials = append(x.trials, t)
				}
			}
		}
	}
	return nil
}

// better reports whether the target prefers t to u.
func (x *search) better(t, u *trial) bool {
	switch x.o.Target {
	case "accuracy":
		return t.MaxAbsError < 0.98*u.MaxAbsError
	case "balanced":
		return t.ScaledError < 0.75*u.ScaledError && (u.ScaledError > promisedError || t.Apart && u.ScaledError > promisedError/2 || t.Seconds < 1.5*u.Seconds+0.1)
	}
	limit := x.o.MaxError
	if limit == 0 {
		limit = 1e-3
	}
	limit *= max(1, x.largest())
	base := x.trials[0]
	good := func(t *trial) bool {
		return t == base || t.MaxAbsError <= limit && (base.report == nil || t.LabelFlips <= base.LabelFlips)
	}
	if good(t) != good(u) {
		return good(t)
	}
	if !good(t) {
		return t.MaxAbsError < u.MaxAbsError
	}
	return cmp.Or(cmp.Compare(t.Seconds, u.Seconds), cmp.Compare(t.MaxAbsError, u.MaxAbsError)) < 0
}

// largest is the magnitude of the outputs.
func (x *search) largest() float64 {
	m := 0.0
	for _, s := range x.want {
		for _, t := range s {
			for i := range t.Len() {
				m = max(m, math.Abs(t.Float(i)))
			}
		}
	}
	return m
}

// list gives the candidates, cheapest first, with their front marked.
func (x *search) list() []Candidate {
	var out []Candidate
	for _, t := range x.trials {
		out = append(out, t.Candidate)
	}
	slices.SortStableFunc(out, func(a, b Candidate) int {
		if (a.Error == "") != (b.Error == "") {
			return strings.Compare(a.Error, b.Error)
		}
		return cmp.Or(cmp.Compare(a.Seconds, b.Seconds), cmp.Compare(a.MaxAbsError, b.MaxAbsError))
	})
	least := math.Inf(1)
	for i := range out {
		if c := &out[i]; c.Error == "" && c.MaxAbsError < least {
			c.Front, least = true, c.MaxAbsError
		}
	}
	return out
}

func formatCandidates(list []Candidate) string {
	var b strings.Builder
	b.WriteString("tried, cheapest first (* no other is both cheaper and more accurate; > chosen):")
	for _, c := range list {
		mark := map[bool]string{true: "*"}[c.Front]
		if c.Chosen {
			mark = ">"
		}
		name := fmt.Sprintf("%d bits, tables of %d", c.Bits, c.TableBits)
		if c.Apart {
			name += ", steps apart"
		}
		if c.Bits == 0 {
			name = fmt.Sprintf("scales %d, %d, multiplier %d", c.InputScale, c.ParamScale, c.Multiplier)
		}
		if c.Error != "" {
			fmt.Fprintf(&b, "\n%2s %-26s %s", mark, name, c.Error)
			continue
		}
		fmt.Fprintf(&b, "\n%2s %-26s error %.3g, %d lookups, logrows %d, proof %d bytes, about %.2g s", mark, name, c.MaxAbsError, c.Lookups, c.LogRows, c.ProofBytes, c.Seconds)
	}
	return b.String()
}

// run compiles a candidate and compares it with the float network on the samples.
func (t *trial) run(x *search) (err error) {
	defer func() {
		if err != nil {
			t.Error, _, _ = strings.Cut(err.Error(), "\n")
		}
	}()
	if err := t.compile(x.m, x.before, &t.params, len(x.samples), x.o); err != nil {
		return err
	}
	got, errs := t.solve(x.ctx, x.samples, func(done int) { x.o.Progress.report("compare", int64(done), int64(len(x.samples))) })
	for i, err := range errs {
		if err != nil {
			t.refused = true
			return fmt.Errorf("sample %d: %w", i, err)
		}
	}
	r, err := quant.Compare(x.want, got)
	if err != nil {
		return err
	}
	cost, err := report.CostOf(t.compiled)
	if err != nil {
		return err
	}
	a, rel := r.Absolute, r.Relative
	t.report = &CalibrationReport{Samples: r.Samples, Entries: r.Entries, MeanError: a.Mean, MedianError: a.Median, MaxError: a.Max,
		MinError: a.Min, MeanAbsError: a.MeanAbs, MedianAbsError: a.MedianAbs, MaxAbsError: a.MaxAbs, MeanSquaredError: a.RMS * a.RMS,
		MeanPercentError: rel.Mean, MeanAbsPercentError: rel.MeanAbs, Labels: r.Labels, LabelFlips: r.Flips}
	t.MaxAbsError, t.ScaledError, t.LabelFlips = a.MaxAbs, r.Scaled, r.Flips
	t.LogRows, t.Lookups, t.ProofBytes, t.Seconds = t.settings.RunArgs.LogRows, cost.Lookups, cost.ProofBytes, cost.ProveSeconds
	return nil
}

// compile makes settings with the given parameters, and the circuit.
func (t *trial) compile(m *Model, before *Settings, p *quant.Params, samples int, o CalibrateOptions) error {
	if err := t.args.Check(); err != nil {
		return err
	}
	calibration, err := json.Marshal(p)
	if err != nil {
		return err
	}
	own := formats.Own{Format: formats.OwnFormat, ModelSHA256: m.Digest(), Scales: formats.ScalesAuto}
	if before.EzklGo != nil {
		own = *before.EzklGo
	}
	if o.Scales != nil {
		own.Scales = formats.ScalesGlobal
	}
	own.Calibration, own.Samples = calibration, samples
	t.settings = *before
	t.settings.EzklGo, t.settings.RunArgs, t.settings.Version = &own, t.args, Version
	o.Progress.report("compile", 0, 0)
	if t.compiled, err = m.lower(&t.settings); err != nil {
		return err
	}
	if err := fill(&t.settings, t.compiled); err != nil {
		return err
	}
	if k := t.settings.RunArgs.LogRows; o.MaxLogRows != 0 && k > o.MaxLogRows {
		return fmt.Errorf("the circuit needs logrows %d, --max-logrows is %d", k, o.MaxLogRows)
	}
	return nil
}

// solve runs the circuit on samples: outputs and errors by sample. It stops at a cancelled context.
func (t *trial) solve(ctx context.Context, samples [][]*tensor.Tensor, visit func(done int)) (out [][]*tensor.Tensor, errs []error) {
	l := t.compiled
	c := &Circuit{file: &formats.Compiled{Key: l.Key, Inputs: fileIO(l.Inputs), Outputs: fileIO(l.Outputs)}, circuit: l.Circuit,
		solvable: l.Solvable, cert: l.Certificate}
	c.once.Do(func() {})
	for i, in := range samples {
		var got []*tensor.Tensor
		blocks, err := l.Quantise(in)
		if err == nil {
			var values [][]int64
			if values, err = c.solveBlocks(ctx, blocks); err == nil {
				got = l.Dequantise(values)
			}
		}
		out, errs = append(out, got), append(errs, err)
		if ctx.Err() != nil {
			break
		}
		visit(i + 1)
	}
	return out, errs
}

// holdOut chooses ranges on four fifths of the samples and tries the circuit that they give on the rest. Nil where there
// are fewer than two samples.
func (x *search) holdOut(best *trial) (*HeldOut, error) {
	n := len(x.samples)
	if n < 2 {
		return nil, nil
	}
	fit := n - max(1, n/5)
	stats, _, err := quant.Calibrate(x.ctx, x.m.graph, x.samples[:fit], nil)
	if err != nil {
		return nil, err
	}
	p, err := stats.Params(x.o.LookupSafetyMargin)
	if err != nil {
		return nil, err
	}
	p.Joined, p.Bits, p.TableBits = best.params.Joined, best.params.Bits, best.params.TableBits
	h := &HeldOut{Samples: n - fit}
	t := &trial{args: best.args, compiled: best.compiled}
	if !maps.Equal(p.Exponents, best.params.Exponents) {
		if err := t.compile(x.m, x.before, p, fit, x.o); err != nil {
			h.Refused, h.Reason = h.Samples, err.Error()
			return h, x.ctx.Err()
		}
	}
	got, errs := t.solve(x.ctx, x.samples[fit:], func(int) {})
	if err := x.ctx.Err(); err != nil {
		return nil, err
	}
	for i, err := range errs {
		if err != nil {
			h.Refused++
			h.Reason = err.Error()
			continue
		}
		r, err := quant.Compare(x.want[fit+i:fit+i+1], got[i:i+1])
		if err != nil {
			return nil, err
		}
		h.MaxAbsError = max(h.MaxAbsError, r.Absolute.MaxAbs)
	}
	return h, nil
}
