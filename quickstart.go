package ezkl

import (
	"bytes"
	"context"
	_ "embed" // the network and its inputs
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The network of Quickstart reads handwritten digits; quickstart/make.py trains it.
//
//go:embed quickstart/network.onnx
var quickstartModel []byte

//go:embed quickstart/input.json
var quickstartInput []byte

//go:embed quickstart/calibration.json
var quickstartCalibration []byte

// QuickstartOptions shape Quickstart.
type QuickstartOptions struct {
	Dir  string               // where all files are written; empty: nowhere
	Step func(QuickstartStep) // called after each step
}

// QuickstartStep is one step of the workflow.
type QuickstartStep struct {
	Name     string  `json:"step"` // the command that does it
	Seconds  float64 `json:"seconds"`
	Text     string  `json:"text"` // what it did, with sizes
	Verbatim string  `json:"-"`    // lines to show below
}

func (s QuickstartStep) String() string {
	t := fmt.Sprintf("%-19s %9s  %s", s.Name, duration(s.Seconds), s.Text)
	if s.Verbatim != "" {
		t += "\n" + s.Verbatim
	}
	return t
}

func duration(seconds float64) string {
	if seconds < 1 {
		return fmt.Sprintf("%.1f ms", seconds*1e3)
	}
	return fmt.Sprintf("%.2f s", seconds)
}

// QuickstartReport is what Quickstart did.
type QuickstartReport struct {
	Steps      []QuickstartStep `json:"steps"`
	Digit      int              `json:"digit"` // what the network reads in the picture
	ProofBytes int              `json:"proof_bytes"`
	Seconds    float64          `json:"seconds"`
	Unsafe     bool             `json:"srs_unsafe"` // always: the SRS is made on the spot
}

func (r *QuickstartReport) String() string {
	return fmt.Sprintf("\nWhoever holds vk.key and proof.json (%d bytes) is convinced that the committed network sees a %d in a picture\n"+
		"that only the prover has. (The SRS was made here and now, so this convinces only you: see get-srs.) Total %s.",
		r.ProofBytes, r.Digit, duration(r.Seconds))
}

// quickstart carries what the steps hand on.
type quickstart struct {
	ctx      context.Context
	o        QuickstartOptions
	report   *QuickstartReport
	model    *Model
	settings *Settings
	circuit  *Circuit
	srs      *SRS
	pk       *ProvingKey
	vk       *VerifyingKey
	witness  *Witness
	proof    *Proof
}

// Quickstart runs the whole workflow on a small convolutional network that it carries, and ends with tampered copies of
// the proof being refused.
func Quickstart(ctx context.Context, o QuickstartOptions) (*QuickstartReport, error) {
	q := &quickstart{ctx: ctx, o: o, report: &QuickstartReport{Unsafe: true}}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o777); err != nil {
			return nil, err
		}
	}
	for _, s := range []struct {
		name string
		run  func() (text, verbatim string, err error)
	}{
		{"network", q.network}, {"calibrate-settings", q.calibrate}, {"compile-circuit", q.compile}, {"gen-srs", q.genSRS},
		{"setup", q.setup}, {"gen-witness", q.genWitness}, {"mock", q.mock}, {"prove", q.prove}, {"verify", q.verify},
		{"a forged output", q.forged}, {"a damaged proof", q.damaged},
	} {
		start := time.Now()
		text, verbatim, err := s.run()
		if err != nil {
			return nil, fmt.Errorf("quickstart: %s: %w", s.name, err)
		}
		step := QuickstartStep{s.name, time.Since(start).Seconds(), text, verbatim}
		q.report.Steps = append(q.report.Steps, step)
		q.report.Seconds += step.Seconds
		if o.Step != nil {
			o.Step(step)
		}
	}
	return q.report, nil
}

// save writes an artefact if files are wanted, and gives its size.
func (q *quickstart) save(name string, artefact io.WriterTo) (int, error) {
	var b bytes.Buffer
	if _, err := artefact.WriteTo(&b); err != nil || q.o.Dir == "" {
		return b.Len(), err
	}
	return b.Len(), Save(filepath.Join(q.o.Dir, name), bytes.NewReader(b.Bytes()))
}

func (q *quickstart) network() (text, verbatim string, err error) {
	for name, content := range map[string][]byte{DefaultModel: quickstartModel, DefaultData: quickstartInput, DefaultCalibration: quickstartCalibration} {
		if q.o.Dir != "" {
			if err := Save(filepath.Join(q.o.Dir, name), bytes.NewReader(content)); err != nil {
				return "", "", err
			}
		}
	}
	if q.model, err = ReadModel(DefaultModel, bytes.NewReader(quickstartModel), ModelOptions{}); err != nil {
		return "", "", err
	}
	d, err := ReadData(DefaultData, bytes.NewReader(quickstartInput))
	if err != nil {
		return "", "", err
	}
	var ops []string
	for _, r := range q.model.Table() {
		ops = append(ops, r.Op)
	}
	return strings.Join(ops, ", ") + "; the input is private:", picture(d), nil
}

// picture draws an image of 28 x 28 numbers in 0..1, two rows a line.
func picture(d *Data) string {
	const side = 28
	v := d.Arrays[0].Values
	var b strings.Builder
	for y := 2; y+3 < side; y += 2 {
		line := ""
		for x := range side {
			g := (v[y*side+x].Float() + v[(y+1)*side+x].Float()) / 2
			line += string(" .:+#"[min(int(g*5), 4)])
		}
		if line = strings.TrimRight(line, " "); line != "" {
			b.WriteString("    " + line + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (q *quickstart) calibrate() (text, verbatim string, err error) {
	if q.settings, err = GenSettings(q.ctx, q.model, SettingsOptions{RunArgs: DefaultRunArgs()}); err != nil {
		return "", "", err
	}
	d, err := ReadData(DefaultCalibration, bytes.NewReader(quickstartCalibration))
	if err != nil {
		return "", "", err
	}
	r, err := Calibrate(q.ctx, q.model, q.settings, d, CalibrateOptions{})
	if err != nil {
		return "", "", err
	}
	_, err = q.save(DefaultSettings, q.settings)
	return fmt.Sprintf("integers instead of reals: outputs differ by at most %.1e on %d pictures", r.MaxAbsError, r.Samples), "", err
}

func (q *quickstart) compile() (text, verbatim string, err error) {
	if q.circuit, err = Compile(q.ctx, q.model, q.settings, CompileOptions{}); err != nil {
		return "", "", err
	}
	_, err = q.save(DefaultCompiled, q.circuit)
	return q.circuit.Info().String(), "", err
}

func (q *quickstart) genSRS() (text, verbatim string, err error) {
	k := q.circuit.LogRows()
	if q.srs, err = UnsafeSRS(q.ctx, k); err != nil {
		return "", "", err
	}
	if q.o.Dir != "" {
		err = q.srs.Save(filepath.Join(q.o.Dir, "kzg.srs"))
	}
	return fmt.Sprintf("2^%d powers of a secret; for tests only, since it was made here", k), "", err
}

func (q *quickstart) setup() (text, verbatim string, err error) {
	if q.pk, q.vk, err = Setup(q.ctx, q.circuit, q.srs, SetupOptions{}); err != nil {
		return "", "", err
	}
	pk, err := q.save(DefaultPK, q.pk)
	if err != nil {
		return "", "", err
	}
	vk, err := q.save(DefaultVK, q.vk)
	return fmt.Sprintf("vk.key (%d bytes) commits to the weights and hides them; pk.key has %d bytes", vk, pk), "", err
}

func (q *quickstart) genWitness() (text, verbatim string, err error) {
	d, err := ReadData(DefaultData, bytes.NewReader(quickstartInput))
	if err != nil {
		return "", "", err
	}
	if q.witness, err = GenWitness(q.ctx, q.circuit, d); err != nil {
		return "", "", err
	}
	scores := q.witness.Outputs[0]
	q.report.Digit = slices.Index(scores, slices.Max(scores))
	_, err = q.save(DefaultWitness, q.witness)
	return fmt.Sprintf("the network sees a %d, with score %s", q.report.Digit, q.witness.Pretty.RescaledOutputs[0][q.report.Digit]), "", err
}

func (q *quickstart) mock() (text, verbatim string, err error) {
	r, err := Mock(q.ctx, q.circuit, q.witness)
	if err != nil {
		return "", "", err
	}
	return r.String(), "", nil
}

func (q *quickstart) prove() (text, verbatim string, err error) {
	if q.proof, err = Prove(q.ctx, q.circuit, q.pk, q.srs, q.witness, ProveOptions{SkipCheck: true}); err != nil {
		return "", "", err
	}
	q.report.ProofBytes = len(q.proof.Bytes)
	_, err = q.save(DefaultProof, q.proof)
	return fmt.Sprintf("%d bytes, in zero knowledge: they tell nothing about picture and weights but the scores", len(q.proof.Bytes)), "", err
}

func (q *quickstart) verify() (text, verbatim string, err error) {
	if err := Verify(q.vk, q.proof, VerifyOptions{}); err != nil {
		return "", "", err
	}
	return fmt.Sprintf("true: the %d scores in proof.json are what the committed network computes", len(q.proof.Instances)), "", nil
}

// forged swaps two scores, so that the network would see another digit.
func (q *quickstart) forged() (text, verbatim string, err error) {
	p := *q.proof
	p.Instances = slices.Clone(p.Instances)
	other := (q.report.Digit + 5) % len(p.Instances)
	p.Instances[q.report.Digit], p.Instances[other] = p.Instances[other], p.Instances[q.report.Digit]
	return q.refused(&p, fmt.Sprintf("the same proof, scores changed so that they say %d", other))
}

// damaged changes one byte of the proof.
func (q *quickstart) damaged() (text, verbatim string, err error) {
	p := *q.proof
	p.Bytes = slices.Clone(p.Bytes)
	p.Bytes[len(p.Bytes)/2] ^= 1
	return q.refused(&p, fmt.Sprintf("bit 0 of byte %d changed", len(p.Bytes)/2))
}

func (q *quickstart) refused(p *Proof, what string) (text, verbatim string, err error) {
	err = Verify(q.vk, p, VerifyOptions{})
	if RejectionCode(err) == "" {
		return "", "", errors.Join(errors.New("it was not refused"), err)
	}
	return fmt.Sprintf("%s: %v", what, err), "", nil
}
