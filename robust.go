package ezkl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/robust"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Checks of the model itself, their options and results.
type (
	// RobustReport is what Robust found: WriteText, WriteHTML and WriteHits write it, and it is an object for encoding/json.
	RobustReport = robust.Report
	// RobustChecks say which checks to make, and shape them.
	RobustChecks = robust.Options
	// RobustNorm measures distance: linf, l2 or l0.
	RobustNorm = robust.Norm

	NoiseOptions      = robust.NoiseOptions      // random noise
	AttackOptions     = robust.AttackOptions     // searches for wrong answers nearby
	MembershipOptions = robust.MembershipOptions // who was in the training data
	PoisonOptions     = robust.PoisonOptions     // signs of a backdoor
	DisagreeOptions   = robust.DisagreeOptions   // where the real and the integer network differ
)

// RobustSamples are inputs with what is right for them.
type RobustSamples struct {
	samples *robust.Samples
	file    robust.File
}

// RobustOptions shape Robust. The zero value checks nothing but the accuracy on the data.
type RobustOptions struct {
	Checks     RobustChecks
	Task       string         // classify or regress; "": a network with one output entry is a regressor
	Tolerance  float64        // within which a regressor's answer is right; 0: a quarter of the outputs' deviation
	Output     int            // index of the network's output to look at
	Seed       uint64         // equal seeds give equal reports, but for times
	FloatOnly  bool           // leave out the integer network
	Members    *RobustSamples // for Checks.Membership
	NonMembers *RobustSamples // for Checks.Membership; nil: the data
	References []*Model       // for Checks.Membership
	Suspects   *RobustSamples // for Checks.Poison
	Training   *RobustSamples // for Checks.Poison
	Progress   Progress
	ModelPath  string // for the report
}

// calibrated is the number of samples that scales are taken from if there are no settings.
const calibrated = 500

// Robust measures how a network and its integer form behave on inputs that somebody chose. s says how the integers are made; nil:
// scales are calibrated on the data. What the checks find is in the report (RobustReport.Failed), not in the error.
func Robust(ctx context.Context, m *Model, s *Settings, d *RobustSamples, o RobustOptions) (*RobustReport, error) {
	r, err := robustReport(ctx, m, s, d, o)
	if err != nil {
		return nil, fmt.Errorf("robust: %w", err)
	}
	return r, nil
}

func robustReport(ctx context.Context, m *Model, s *Settings, d *RobustSamples, o RobustOptions) (*RobustReport, error) {
	if d == nil {
		return nil, errors.New("no samples given")
	}
	size := m.entries()
	for _, s := range []*RobustSamples{d, o.Members, o.NonMembers, o.Suspects, o.Training} {
		if err := s.inner().Check(size); err != nil {
			return nil, err
		}
	}
	subject := &robust.Subject{Data: d.samples, Task: robust.Task(o.Task), Tolerance: o.Tolerance, Seed: o.Seed}
	if o.Progress != nil {
		subject.Progress = func(step string, done, total int) { o.Progress(step, int64(done), int64(total)) }
	}
	var err error
	if subject.Float, err = robust.Float(m.graph, o.Output); err != nil {
		return nil, err
	}
	scales := "left out"
	if !o.FloatOnly {
		if subject.Integer, scales, err = m.integer(ctx, s, d, o); err != nil {
			return nil, err
		}
	}
	checks := o.Checks
	if checks.Membership != nil {
		c := *checks.Membership
		c.Members, c.Others = o.Members.inner(), o.NonMembers.inner()
		if c.Others == nil {
			c.Others = d.samples
		}
		for _, ref := range o.References {
			f, err := robust.Float(ref.graph, o.Output)
			if err != nil {
				return nil, fmt.Errorf("reference network: %w", err)
			}
			if n := ref.entries(); n != size {
				return nil, fmt.Errorf("reference network: its inputs have %d entries, the network's %d", n, size)
			}
			c.References = append(slices.Clip(c.References), f)
		}
		checks.Membership = &c
	}
	if checks.Poison != nil {
		c := *checks.Poison
		c.Suspects, c.Training, c.Inner = o.Suspects.inner(), o.Training.inner(), robust.Inner(m.graph)
		if c.Tensor == "" {
			c.Tensor = robust.LastHidden(m.graph)
		}
		checks.Poison = &c
	}
	r, err := subject.Run(ctx, checks)
	if err != nil {
		return nil, err
	}
	r.Version, r.Scales, r.Data = Version, scales, d.file
	r.Model = robust.File{Path: o.ModelPath, SHA256: m.Digest()}
	return r, nil
}

// integer compiles the network, and says where its scales are from.
func (m *Model) integer(ctx context.Context, s *Settings, d *RobustSamples, o RobustOptions) (*robust.Model, string, error) {
	scales := "scales of the settings"
	if s == nil {
		x := d.samples.X[:min(len(d.samples.X), calibrated)]
		scales = fmt.Sprintf("scales calibrated on %d samples of the data", len(x))
		var err error
		if s, err = GenSettings(ctx, m, SettingsOptions{RunArgs: DefaultRunArgs()}); err != nil {
			return nil, "", err
		}
		data := &Data{Name: d.samples.Name}
		at := 0
		for _, in := range m.graph.Inputs {
			n, a := tensor.Size(in.Shape), formats.Array{Name: in.Name}
			for _, sample := range x {
				for _, v := range sample[at : at+n] {
					a.Values = append(a.Values, formats.RealValue(v))
				}
			}
			at += n
			data.Arrays = append(data.Arrays, a)
		}
		if _, err := Calibrate(ctx, m, s, data, CalibrateOptions{Progress: o.Progress}); err != nil {
			return nil, "", err
		}
	} else if err := m.check(s); err != nil {
		return nil, "", err
	} else if !s.Calibrated() {
		scales = "scales guessed by gen-settings: run calibrate-settings"
	}
	l, err := m.lower(s)
	if err != nil {
		return nil, "", err
	}
	i, err := robust.Integer(m.graph, l, o.Output)
	return i, scales, err
}

// entries are those of all inputs.
func (m *Model) entries() int {
	n := 0
	for _, in := range m.graph.Inputs {
		n += tensor.Size(in.Shape)
	}
	return n
}

// inner are the samples, or nil.
func (d *RobustSamples) inner() *robust.Samples {
	if d == nil {
		return nil
	}
	return d.samples
}

// NewSamples are samples in memory: flat inputs, row-major, and a label each (or, for a regressor, the outputs one after the
// other); nil: no labels.
func NewSamples(x [][]float64, y []float64) *RobustSamples {
	return &RobustSamples{&robust.Samples{Name: "samples", X: x, Y: y}, robust.File{}}
}

// LoadSamples reads samples for a network: .npz (arrays x and y), .npy, .csv (a row for each sample, the label in a column
// of that name or in the last one) or input.json (with "labels" beside "input_data"). labels is a file of its own for
// labels, or empty. take keeps the first samples only; 0 keeps all.
func LoadSamples(path, labels string, m *Model, take int) (*RobustSamples, error) {
	b, err := readData(path)
	if err != nil {
		return nil, err
	}
	s, err := robust.ParseSamples(path, b, robust.InputsOf(m.graph)...)
	if err != nil {
		return nil, err
	}
	if labels != "" {
		l, err := readData(labels)
		if err != nil {
			return nil, err
		}
		if s.Y, err = robust.ParseLabels(labels, l); err != nil {
			return nil, err
		}
	}
	if err := s.Check(m.entries()); err != nil {
		return nil, err
	}
	s.Take(take)
	sum := sha256.Sum256(b)
	return &RobustSamples{s, robust.File{Path: path, SHA256: hex.EncodeToString(sum[:])}}, nil
}

// readData reads a data file; CSV, which has no marks of its own, as it is.
func readData(path string) ([]byte, error) {
	if !strings.HasSuffix(strings.ToLower(path), ".csv") {
		return formats.ReadFile(path, formats.DataFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: no such file, or not readable", path)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, formats.MaxJSON))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

// ParseNorm reads linf, l2 or l0.
func ParseNorm(s string) (RobustNorm, error) { return robust.ParseNorm(s) }

// AttackMethods are the names of all attacks.
func AttackMethods() []string { return robust.Methods() }

// RobustHTML is a report as one self-contained page, for Save.
func RobustHTML(r *RobustReport) io.WriterTo { return writerTo(r.WriteHTML) }

// RobustHits are all inputs that a report is about, a JSON object a line, for Save.
func RobustHits(r *RobustReport) io.WriterTo { return writerTo(r.WriteHits) }

// RobustJSON is the report as JSON, for Save.
func RobustJSON(r *RobustReport) io.WriterTo { return writerTo(r.WriteJSON) }

// Adversarial are the wrong answers' inputs that attacks found, as a .npz for adversarial training: x with the shape of the
// network's input, y what is right for them, index the sample that each was made from. It fails if there are none.
func Adversarial(m *Model, r *RobustReport) (io.WriterTo, error) {
	x, y, index, n := r.Adversarial()
	if n == 0 {
		return nil, fmt.Errorf("no adversarial example was found: nothing to save")
	}
	shape := slices.Clone(m.Inputs()[0].Shape)
	if len(shape) > 0 && shape[0] == 1 {
		shape[0] = n
	} else {
		shape = append([]int{n}, shape...)
	}
	labels := []int{n}
	if len(y) != n {
		labels = []int{n, len(y) / n}
	}
	return formats.NPZFile{{Name: "x", Shape: shape, Values: x}, {Name: "y", Shape: labels, Values: y, Whole: r.Task == robust.Classify},
		{Name: "index", Shape: []int{n}, Values: index, Whole: true}}, nil
}
