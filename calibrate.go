package ezkl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// CalibrateOptions shape Calibrate.
type CalibrateOptions struct {
	// Target is "resources" (also ""), "resources/col-overflow" or "accuracy". It decides between the scales of Scales: the
	// smallest SRS, or the smallest error.
	Target string
	// LookupSafetyMargin is the headroom over the largest value seen; 0 means 2.
	LookupSafetyMargin float64
	// Scales are global scales to try; nil: a scale for each tensor, or the settings' own if those are global.
	Scales []int
	// ScaleRebaseMultiplier are the multipliers to try with Scales; nil: 1.
	ScaleRebaseMultiplier []int
	MaxLogRows            int // largest SRS to use, log2; 0: no limit
	Progress              Progress
}

// CalibrationReport compares the integer network with the real one over the calibration samples. Errors are real minus
// integer result; percent errors are fractions, and leave out entries that are 0.
type CalibrationReport struct {
	Samples             int     `json:"samples"`
	Entries             int     `json:"entries"` // of all outputs
	MeanError           float64 `json:"mean_error"`
	MedianError         float64 `json:"median_error"`
	MaxError            float64 `json:"max_error"`
	MinError            float64 `json:"min_error"`
	MeanAbsError        float64 `json:"mean_abs_error"`
	MedianAbsError      float64 `json:"median_abs_error"`
	MaxAbsError         float64 `json:"max_abs_error"`
	MeanSquaredError    float64 `json:"mean_squared_error"`
	MeanPercentError    float64 `json:"mean_percent_error"`
	MeanAbsPercentError float64 `json:"mean_abs_percent_error"`
	// Labels counts rows of scores, LabelFlips those whose largest entry differs.
	Labels     int `json:"labels"`
	LabelFlips int `json:"label_flips"`
}

func (r *CalibrationReport) String() string {
	t := fmt.Sprintf("%s, %s of output: error at most %.3g, mean %.3g, median %.3g (absolute); relative %.3g on average",
		count(r.Samples, "sample"), count(r.Entries, "entry"), r.MaxAbsError, r.MeanAbsError, r.MedianAbsError, r.MeanAbsPercentError)
	if r.Labels > 0 {
		t += fmt.Sprintf("; %d of %d labels differ", r.LabelFlips, r.Labels)
	}
	return t
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		what = strings.TrimSuffix(what, "y") + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Calibrate runs the network on sample inputs, chooses scales with headroom, and writes them into the settings, together
// with logrows and sizes. Each input of the data holds a whole number of samples, joined. The settings are unchanged after
// an error.
func Calibrate(ctx context.Context, m *Model, s *Settings, d *Data, o CalibrateOptions) (*CalibrationReport, error) {
	if o.LookupSafetyMargin == 0 {
		o.LookupSafetyMargin = quant.DefaultMargin
	}
	byError := false
	switch o.Target {
	case "", "resources", "resources/col-overflow":
	case "accuracy":
		byError = true
	default:
		return nil, fmt.Errorf("unknown target %q: use resources, resources/col-overflow or accuracy", o.Target)
	}
	if err := m.check(s); err != nil {
		return nil, err
	}
	samples, err := m.samples(d)
	if err != nil {
		return nil, err
	}
	stats, want, err := quant.Calibrate(ctx, m.graph, samples, func(done int) {
		o.Progress.report("calibrate", int64(done), int64(len(samples)))
	})
	if err != nil {
		return nil, err
	}
	p, err := stats.Params(o.LookupSafetyMargin)
	if err != nil {
		return nil, err
	}
	calibration, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var best *trial
	var failures []error
	for _, a := range candidates(s, o) {
		t := &trial{settings: *s, args: a}
		own := formats.Own{Format: formats.OwnFormat, ModelSHA256: m.Digest(), Scales: formats.ScalesAuto}
		if s.EzklGo != nil {
			own = *s.EzklGo
		}
		if o.Scales != nil {
			own.Scales = formats.ScalesGlobal
		}
		own.Calibration, own.Samples = calibration, len(samples)
		t.settings.EzklGo, t.settings.RunArgs, t.settings.Version = &own, a, Version
		if err := t.run(ctx, m, samples, want, o); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			failures = append(failures, err)
			continue
		}
		if best == nil || t.better(best, byError) {
			best = t
		}
	}
	if best == nil {
		return nil, errors.Join(failures...)
	}
	*s = best.settings
	return best.report, nil
}

// candidates are the run_args to try.
func candidates(s *Settings, o CalibrateOptions) []RunArgs {
	if o.Scales == nil {
		return []RunArgs{s.RunArgs}
	}
	multipliers := o.ScaleRebaseMultiplier
	if multipliers == nil {
		multipliers = []int{1}
	}
	var out []RunArgs
	for _, in := range o.Scales {
		for _, param := range o.Scales {
			for _, k := range multipliers {
				if in <= param {
					a := s.RunArgs
					a.InputScale, a.ParamScale, a.ScaleRebaseMultiplier = in, param, k
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// trial is a compilation with some scales.
type trial struct {
	args     RunArgs
	settings Settings
	report   *CalibrationReport
}

func (t *trial) better(u *trial, byError bool) bool {
	a, b := t.settings.RunArgs.LogRows, u.settings.RunArgs.LogRows
	if byError || a == b {
		return t.report.MaxAbsError < u.report.MaxAbsError
	}
	return a < b
}

func (t *trial) run(ctx context.Context, m *Model, samples, want [][]*tensor.Tensor, o CalibrateOptions) error {
	if err := t.args.Check(); err != nil {
		return err
	}
	o.Progress.report("compile", 0, 0)
	l, err := m.lower(&t.settings)
	if err != nil {
		return err
	}
	if err := fill(&t.settings, l); err != nil {
		return err
	}
	if k := t.settings.RunArgs.LogRows; o.MaxLogRows != 0 && k > o.MaxLogRows {
		return fmt.Errorf("the circuit needs logrows %d, --max-logrows is %d", k, o.MaxLogRows)
	}
	c := &Circuit{file: &formats.Compiled{Key: l.Key, Inputs: fileIO(l.Inputs), Outputs: fileIO(l.Outputs)}, circuit: l.Circuit}
	var got [][]*tensor.Tensor
	for i, in := range samples {
		blocks, err := l.Quantise(in)
		if err != nil {
			return fmt.Errorf("sample %d: %w", i, err)
		}
		values, err := c.solveBlocks(ctx, blocks)
		if err != nil {
			return fmt.Errorf("sample %d: %w", i, err)
		}
		got = append(got, l.Dequantise(values))
		o.Progress.report("compare", int64(i+1), int64(len(samples)))
	}
	r, err := quant.Compare(want, got)
	if err != nil {
		return err
	}
	a, rel := r.Absolute, r.Relative
	t.report = &CalibrationReport{Samples: r.Samples, Entries: r.Entries, MeanError: a.Mean, MedianError: a.Median, MaxError: a.Max,
		MinError: a.Min, MeanAbsError: a.MeanAbs, MedianAbsError: a.MedianAbs, MaxAbsError: a.MaxAbs, MeanSquaredError: a.RMS * a.RMS,
		MeanPercentError: rel.Mean, MeanAbsPercentError: rel.MeanAbs, Labels: r.Labels, LabelFlips: r.Flips}
	return nil
}

// samples cuts data into samples: lists of tensors in the order of the network's inputs.
func (m *Model) samples(d *Data) ([][]*tensor.Tensor, error) {
	shapes := make([]formats.InputShape, len(m.graph.Inputs))
	for i, v := range m.graph.Inputs {
		shapes[i] = formats.InputShape{Name: v.Name, Dims: v.Shape}
	}
	arrays, n, err := d.Match(shapes, 0)
	if err != nil {
		return nil, err
	}
	out := make([][]*tensor.Tensor, n)
	for i, v := range m.graph.Inputs {
		size := tensor.Size(v.Shape)
		for k := range out {
			t := tensor.New(v.Type, v.Shape...)
			for j := range size {
				at := k*size + j
				x := arrays[i].Values[at]
				if x.Kind == formats.Felt {
					return nil, fmt.Errorf("%s: a field element, want numbers for calibration", d.At(&arrays[i], at))
				}
				if err := suits(x, typeName(v.Type), v.Name); err != nil {
					return nil, fmt.Errorf("%s: %w", d.At(&arrays[i], at), err)
				}
				if t.Type.IsFloat() {
					t.Floats[j] = x.Float()
				} else if x.Kind == formats.Real {
					t.Ints[j] = int64(x.Float())
				} else {
					t.Ints[j] = x.Int()
				}
			}
			out[k] = append(out[k], t)
		}
	}
	return out, nil
}

// guess gives settings parameters where nobody has calibrated: from random inputs, if the network is defined on them.
func (m *Model) guess(ctx context.Context, s *Settings) {
	const samples = 4
	var in [][]*tensor.Tensor
	for i := range samples {
		in = append(in, quant.RandomSample(m.graph, uint64(i)*1_000_003))
	}
	stats, _, err := quant.Calibrate(ctx, m.graph, in, nil)
	if err != nil {
		return
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		return
	}
	s.EzklGo.Calibration, _ = json.Marshal(p)
}
