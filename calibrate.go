package ezkl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// CalibrateOptions shape Calibrate.
type CalibrateOptions struct {
	// Target is "balanced" (also ""): values of 16 bits, or up to 20 where those make an error of more than a quarter of 1e-3
	// of an output's largest entry, or of 1; "resources" (also "resources/col-overflow"): the cheapest widths
	// whose error is at most MaxError; "accuracy": the widths of the smallest error.
	Target string
	// MaxError is what target resources may cost: the largest error of an output over the largest output, or over 1; 0
	// means 1e-3.
	MaxError float64
	// LookupSafetyMargin is the headroom over the largest value seen; 0 means 2.
	LookupSafetyMargin float64
	// Completeness says which inputs have a proof: "calibrated" (also ""), those like the samples; "guaranteed", all inside
	// InputRanges; "clamp", all, where values beyond the calibrated ranges saturate.
	Completeness string
	// InputRanges are the intervals that guaranteed circuits are made for, by input; "" stands for all other inputs. Inputs
	// without one: what the samples span, with headroom.
	InputRanges map[string]Range
	// Scales are global scales to try instead of widths; nil: a scale for each tensor, or the settings' own if those are global.
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
	// Candidates are the widths or scales that were tried, cheapest first.
	Candidates []Candidate `json:"candidates"`
	HeldOut    *HeldOut    `json:"held_out,omitempty"`
	Limit      *Limit      `json:"limit,omitempty"`
	// Warnings are single lines: what makes these samples a bad basis.
	Warnings []string `json:"warnings"`
}

// Range is a closed interval of reals.
type Range = quant.Range

// ParseInputRanges reads [name=]lo:hi,.. for CalibrateOptions.
func ParseInputRanges(s string) (map[string]Range, error) {
	out := map[string]Range{}
	for part := range strings.SplitSeq(s, ",") {
		name, text := "", part
		if i := strings.LastIndexByte(part, '='); i >= 0 {
			name, text = part[:i], part[i+1:]
		}
		lo, hi, ok := strings.Cut(text, ":")
		var r Range
		var err1, err2 error
		r.Lo, err1 = strconv.ParseFloat(lo, 64)
		r.Hi, err2 = strconv.ParseFloat(hi, 64)
		if _, twice := out[name]; !ok || err1 != nil || err2 != nil || !(r.Lo <= r.Hi) || math.IsInf(r.Hi-r.Lo, 0) || twice {
			return nil, fmt.Errorf("%q is no list of ranges: want lo:hi or name=lo:hi,.. (--input-range=-1:1)", s)
		}
		out[name] = r
	}
	return out, nil
}

// HeldOut is how a circuit does on samples that its ranges were not chosen on.
type HeldOut struct {
	Samples     int     `json:"samples"`
	Refused     int     `json:"refused"` // samples without a witness
	Reason      string  `json:"reason,omitempty"`
	MaxAbsError float64 `json:"max_abs_error"` // of those with one
}

// Limit is the rounding that costs most accuracy, measured alone on the first sample.
type Limit struct {
	Node        string  `json:"node"` // that asks for it
	Tensor      string  `json:"tensor"`
	Unit        float64 `json:"unit"`
	MaxAbsError float64 `json:"max_abs_error"`
}

func (r *CalibrationReport) String() string {
	t := fmt.Sprintf("%s, %s of output: error at most %.3g, mean %.3g, median %.3g (absolute); relative %.3g on average",
		count(r.Samples, "sample"), count(r.Entries, "entry"), r.MaxAbsError, r.MeanAbsError, r.MedianAbsError, r.MeanAbsPercentError)
	if r.Labels > 0 {
		t += fmt.Sprintf("; %d of %d labels differ", r.LabelFlips, r.Labels)
	}
	if r.HeldOut != nil {
		h := r.HeldOut
		t += fmt.Sprintf("\nheld out: ranges from the other samples refuse %d of %d", h.Refused, h.Samples)
		if h.Refused < h.Samples {
			t += fmt.Sprintf(", error at most %.3g", h.MaxAbsError)
		}
		if h.Reason != "" {
			t += " (" + h.Reason + ")"
		}
	}
	if r.Limit != nil {
		t += fmt.Sprintf("\naccuracy is limited at node %s: rounding %s to %.3g alone makes an error of %.3g", r.Limit.Node, r.Limit.Tensor, r.Limit.Unit, r.Limit.MaxAbsError)
	}
	if len(r.Candidates) > 1 {
		t += "\n" + formatCandidates(r.Candidates)
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
	if o.Target == "" {
		o.Target = "balanced"
	}
	if o.LookupSafetyMargin == 0 {
		o.LookupSafetyMargin = quant.DefaultMargin
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
	x := &search{ctx: ctx, m: m, before: s, o: o, samples: samples, want: want}
	if x.params, err = o.params(m, stats); err != nil {
		return nil, err
	}
	best, err := x.run()
	if err != nil {
		return nil, err
	}
	r := best.report
	r.Candidates = x.list()
	r.Warnings = append([]string{}, stats.Warnings(m.graph, func(i int) float64 { return math.Ldexp(1, -best.compiled.Inputs[i].Scale) })...)
	if x.params.Completeness == "" {
		if r.HeldOut, err = x.holdOut(best); err != nil {
			return nil, err
		}
	}
	if r.MaxAbsError > 0 {
		worst, ok, err := stats.Limiting(ctx, m.graph, samples[0], best.compiled.Trace.Roundings)
		if err != nil {
			return nil, err
		}
		if ok {
			r.Limit = &Limit{worst.Node, worst.Tensor, worst.Unit, worst.Error}
		}
	}
	*s = best.settings
	return r, nil
}

// params are the parameters that samples and options give, widths not yet chosen.
func (o *CalibrateOptions) params(m *Model, stats *quant.Stats) (*quant.Params, error) {
	switch o.Completeness {
	case "", "calibrated", quant.Clamp:
		if len(o.InputRanges) > 0 {
			return nil, errors.New("input ranges are for completeness guaranteed only")
		}
		p, err := stats.Params(o.LookupSafetyMargin)
		if err == nil && o.Completeness == quant.Clamp {
			p.Completeness = quant.Clamp
		}
		return p, err
	case quant.Guaranteed:
	default:
		return nil, fmt.Errorf("unknown completeness %q: use calibrated, guaranteed or clamp", o.Completeness)
	}
	p := &quant.Params{Completeness: quant.Guaranteed, Joined: stats.Joined, Ranges: map[string]quant.Range{}}
	known := map[string]bool{"": true}
	for _, in := range m.graph.Inputs {
		known[in.Name] = true
		r, declared := o.InputRanges[in.Name]
		if !declared {
			r, declared = o.InputRanges[""]
		}
		if !declared {
			r = stats.Ranges[in.Name]
			r.Lo, r.Hi = min(r.Lo, r.Lo*o.LookupSafetyMargin), max(r.Hi, r.Hi*o.LookupSafetyMargin)
		}
		if in.Type == tensor.Bool {
			r = quant.Range{Lo: 0, Hi: 1}
		}
		p.Ranges[in.Name] = r
	}
	for name := range o.InputRanges {
		if !known[name] {
			return nil, fmt.Errorf("input range: the network has no input %q", name)
		}
	}
	return p, p.Check()
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
