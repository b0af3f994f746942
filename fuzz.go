package ezkl

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/fuzz"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// FuzzOptions shape Fuzz and FuzzCircuit.
type FuzzOptions struct {
	NumRuns    int           // witnesses that are proven; also scales how many mutants are tried. 0: 10
	Transcript string        // "evm" (also ""), or "poseidon"
	Seed       uint64        // the same seed tries the same cases
	Time       time.Duration // keep going for about this long; 0: as long as NumRuns asks for
	Targets    []string      // some of FuzzTargets; nil: all
	Save       string        // folder for the files that reproduce findings; empty: none are kept
	Progress   Progress
}

// FuzzTargets are what a run of Fuzz can aim at.
func FuzzTargets() []string { return append([]string(nil), fuzz.Targets...) }

// FuzzReport is what Fuzz found. Its String is a table.
type FuzzReport = fuzz.Report

// Fuzz tries to break a network's circuit and key: it compiles the network with the run arguments, calibrated on the data
// (its first sample is the input that campaigns start from), makes a key and a proof of its own, and runs campaigns of honest
// inputs that must be provable, and of changed artefacts and wrong witnesses that must be refused. The error is about what it
// was given; what it found is in the report. model is the bytes of the ONNX file, for the campaign that changes them; nil leaves
// that out.
func Fuzz(ctx context.Context, m *Model, model []byte, d *Data, args SettingsOptions, o FuzzOptions) (*FuzzReport, error) {
	settings, err := GenSettings(ctx, m, args)
	if err != nil {
		return nil, err
	}
	if _, err := Calibrate(ctx, m, settings, d, CalibrateOptions{Progress: o.Progress}); err != nil {
		return nil, err
	}
	c, err := Compile(ctx, m, settings, CompileOptions{Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	samples, err := m.samples(d)
	if err != nil {
		return nil, err
	}
	f := &fuzzer{o: o, circuit: c, model: m, onnx: model, variables: args.RunArgs.Variables}
	return f.run(ctx, samples[0])
}

// FuzzCircuit is Fuzz for a compiled circuit and a witness of it. The float network is not known: its outputs are not compared,
// and its intermediates are not searched.
func FuzzCircuit(ctx context.Context, c *Circuit, w *Witness, o FuzzOptions) (*FuzzReport, error) {
	if _, err := c.replay(ctx, w); err != nil {
		return nil, err
	}
	var input []*tensor.Tensor
	for i := range c.file.Inputs {
		x := &c.file.Inputs[i]
		input = append(input, realTensor(x, w.Inputs[i]))
	}
	return (&fuzzer{o: o, circuit: c}).run(ctx, input)
}

// fuzzer is one run.
type fuzzer struct {
	o         FuzzOptions
	circuit   *Circuit
	model     *Model // nil: not known
	onnx      []byte
	variables []Variable
	subject   *fuzz.Subject

	// artefacts of the subject, as the API has them
	srs     *SRS
	pk      *ProvingKey
	vk      *VerifyingKey
	data    *Data
	witness *Witness
}

// prepare makes key and proof.
func (f *fuzzer) prepare(ctx context.Context, input []*tensor.Tensor) error {
	kind, err := transcriptKind(f.o.Transcript)
	if err != nil {
		return err
	}
	if err := fuzz.CheckTargets(f.o.Targets); err != nil {
		return err
	}
	net, err := f.circuit.compiled()
	if err != nil {
		return err
	}
	s := &fuzz.Subject{Net: net, Input: input, Kind: kind}
	if f.model != nil {
		s.Graph = f.model.graph
	}
	f.subject = s
	return s.Prepare(ctx, f.o.Seed, func(stage string) { f.o.Progress.report(stage, 0, 0) })
}

func (f *fuzzer) run(ctx context.Context, input []*tensor.Tensor) (*FuzzReport, error) {
	if err := f.prepare(ctx, input); err != nil {
		return nil, err
	}
	files, err := f.files(ctx)
	if err != nil {
		return nil, err
	}
	r, err := fuzz.Run(ctx, f.subject, files, fuzz.Options{NumRuns: f.o.NumRuns, Seed: f.o.Seed, Time: f.o.Time, Targets: f.o.Targets, Progress: f.o.Progress})
	if err != nil {
		return nil, err
	}
	return r, f.save(r)
}

// save writes the reproducers.
func (f *fuzzer) save(r *FuzzReport) error {
	if f.o.Save == "" || r.Clean() {
		return nil
	}
	if err := os.MkdirAll(f.o.Save, 0o777); err != nil {
		return err
	}
	for i, x := range r.Findings {
		b, name := x.Reproducer()
		if b == nil {
			continue
		}
		x.File = filepath.Join(f.o.Save, fmt.Sprintf("%03d-%s-%s", i, x.Verdict, name))
		if err := Save(x.File, bytes.NewReader(b)); err != nil {
			return err
		}
	}
	return nil
}

// compiled is the circuit as the compiler gave it.
func (c *Circuit) compiled() (*lower.Compiled, error) {
	solvable := c.circuit.Unfix(fixedBlocks(c.file.Inputs), fixedBlocks(c.file.Outputs))
	cert, err := determinism.Certify(solvable)
	if err != nil {
		return nil, err
	}
	back := func(list []formats.IO) []lower.IO {
		out := make([]lower.IO, len(list))
		for i, x := range list {
			out[i] = lower.IO{Name: x.Name, Type: typeOf(x.Type), Shape: x.Dims, Scale: x.Scale, Visibility: lower.Visibility(x.Visibility), Lo: x.Lo, Hi: x.Hi}
			for _, p := range x.Parts {
				out[i].Parts = append(out[i].Parts, lower.Part{Coef: p.Coef, Block: p.Block})
			}
		}
		return out
	}
	return &lower.Compiled{Circuit: c.circuit, Key: c.file.Key, Inputs: back(c.file.Inputs), Outputs: back(c.file.Outputs), Width: c.file.Width, Solvable: solvable, Certificate: cert}, nil
}
