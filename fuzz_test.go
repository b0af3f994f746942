package ezkl

import (
	"context"
	"os"
	"path/filepath"
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
