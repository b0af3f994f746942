package ezkl

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/fuzz"
)

// small is a prepared run of one of the small test networks.
func small(ctx context.Context, model string, change func(a *RunArgs)) (*fuzzer, error) {
	path := filepath.Join("internal/cli/testdata/models", model, "network.onnx")
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := LoadModel(path, ModelOptions{})
	if err != nil {
		return nil, err
	}
	d, err := RandomData(m, RandomOptions{Min: -1, Max: 1})
	if err != nil {
		return nil, err
	}
	args := DefaultRunArgs()
	change(&args)
	s, err := GenSettings(ctx, m, SettingsOptions{RunArgs: args})
	if err == nil {
		_, err = Calibrate(ctx, m, s, d, CalibrateOptions{})
	}
	if err != nil {
		return nil, err
	}
	c, err := Compile(ctx, m, s, CompileOptions{})
	if err != nil {
		return nil, err
	}
	samples, err := m.samples(d)
	if err != nil {
		return nil, err
	}
	f := &fuzzer{circuit: c, model: m, onnx: raw}
	return f, f.prepare(ctx, samples[0])
}

// TestFuzz: nothing is found in a small network, with private, public and fixed inputs and outputs.
func TestFuzz(t *testing.T) {
	ctx := context.Background()
	for _, v := range []Visibility{Private, Public, Fixed} {
		f, err := small(ctx, "op_Slice_reverse", func(a *RunArgs) {
			if a.InputVisibility = v; v.Kind == Fixed.Kind {
				a.OutputVisibility = v
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		files, err := f.files(ctx)
		if err != nil {
			t.Fatal(err)
		}
		r, err := fuzz.Run(ctx, f.subject, files, fuzz.Options{NumRuns: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range r.Findings {
			t.Error(x)
		}
		if r.Total.Tried < 500 || r.Accuracy.Proven < 1 {
			t.Errorf("%d tried, %d proven", r.Total.Tried, r.Accuracy.Proven)
		}
	}
}

// TestCheckKeyChecksPowers: a key passes for one of a circuit only over an SRS that holds powers of one secret: with others, key and
// SRS could be made for each other.
func TestCheckKeyChecksPowers(t *testing.T) {
	ctx := context.Background()
	f, err := small(ctx, "op_Slice_reverse", func(*RunArgs) {})
	if err != nil {
		t.Fatal(err)
	}
	vk := &VerifyingKey{raw: f.subject.PK.VK, key: f.subject.Key}
	if err := CheckKey(ctx, vk, f.circuit, &SRS{s: f.subject.SRS}, nil); err != nil {
		t.Fatal(err)
	}
	bad := *f.subject.SRS
	bad.G1 = slices.Clone(bad.G1)
	bad.G1[3].Double(&bad.G1[3])
	if err := CheckKey(ctx, vk, f.circuit, &SRS{s: &bad}, nil); err == nil {
		t.Error("points that are no powers pass")
	}
}
