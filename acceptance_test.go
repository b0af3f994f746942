package ezkl_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/ezkl-go/ezkl"
)

// slow names networks that take more than a second or two to prove: they are compiled, solved and mocked here, and proven
// by tag full.
var slow = []string{"nanoGPT", "mnist_gan", "lstm_large"}

// limits are tolerances other than 5e-4 of the largest output.
var limits = map[string]float64{"log": 5e-3, "nanoGPT": 1e-3, "lstm_large": 1e-3, "layernorm": 1e-3}

// TestModels runs the whole workflow, calibrated on the shipped input, on every network of the shared folder that has an
// input, and compares the outputs with onnxruntime's.
func TestModels(t *testing.T) {
	shared := os.Getenv("EZKL_SHARED")
	if shared == "" {
		shared = "../shared"
	}
	folders, _ := filepath.Glob(filepath.Join(shared, "models", "*", "network.onnx"))
	if len(folders) == 0 {
		t.Skip("no folder of models: ", shared)
	}
	srs := must(ezkl.UnsafeSRS(context.Background(), 16))
	for _, path := range folders {
		dir := filepath.Dir(path)
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) { model(t, dir, name, srs) })
	}
}

func model(t *testing.T, dir, name string, srs *ezkl.SRS) {
	ctx := context.Background()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := ezkl.LoadModel(filepath.Join(dir, "network.onnx"), ezkl.ModelOptions{})
	check(err)
	settings, err := ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()})
	check(err)
	input, err := ezkl.LoadData(filepath.Join(dir, "input.json"))
	check(err)
	_, err = ezkl.Calibrate(ctx, m, settings, input, ezkl.CalibrateOptions{})
	check(err)
	circuit, err := ezkl.Compile(ctx, m, settings, ezkl.CompileOptions{})
	check(err)
	witness, err := ezkl.GenWitness(ctx, circuit, input)
	check(err)
	compare(t, dir, name, witness)
	if slices.Contains(slow, name) && !full {
		_, err = ezkl.Mock(ctx, circuit, witness)
		check(err)
		return
	}
	pk, vk, err := ezkl.Setup(ctx, circuit, srs, ezkl.SetupOptions{})
	check(err)
	proof, err := ezkl.Prove(ctx, circuit, pk, srs, witness, ezkl.ProveOptions{SkipCheck: true})
	check(err)
	check(ezkl.Verify(vk, proof, ezkl.VerifyOptions{}))
}

// compare holds the outputs against reference.json, if there is one.
func compare(t *testing.T, dir, name string, witness *ezkl.Witness) {
	raw, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err != nil {
		t.Log("no reference")
		return
	}
	var reference struct{ Outputs []struct{ Data []any } }
	if err := json.Unmarshal(raw, &reference); err != nil {
		t.Fatal(err)
	}
	limit := 5e-4
	if l, ok := limits[name]; ok {
		limit = l
	}
	worst, largest := 0.0, 1.0
	for i, out := range reference.Outputs {
		for j, v := range out.Data {
			want, ok := v.(float64)
			if b, isBool := v.(bool); isBool {
				ok = true
				if b {
					want = 1
				}
			}
			got, err := strconv.ParseFloat(witness.Pretty.RescaledOutputs[i][j], 64)
			if !ok || err != nil {
				t.Fatal(v, err)
			}
			largest = max(largest, math.Abs(want))
			worst = max(worst, math.Abs(got-want))
		}
	}
	if worst > limit*largest {
		t.Errorf("error %.2g of %.2g", worst, largest)
	}
	t.Logf("error %.1e of %.2g", worst, largest)
}
