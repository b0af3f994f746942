package onnx

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// modelFolder is where networks with onnxruntime's outputs lie: EZKL_SHARED/models, or shared/models beside the repository.
func modelFolder(t *testing.T) string {
	shared := os.Getenv("EZKL_SHARED")
	if shared == "" {
		shared = "../../../shared"
	}
	folder := filepath.Join(shared, "models")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no folder of models: ", folder)
	}
	return folder
}

// readJSON reads a file; ok is false if it does not exist.
func readJSON(t *testing.T, path string, into any) (ok bool) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return false
	}
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return true
}

// asTensor is a list of numbers as a value's tensor.
func asTensor(t *testing.T, v *graph.Value, data []float64) *tensor.Tensor {
	t.Helper()
	x := tensor.New(v.Type, v.Shape...)
	if x.Len() != len(data) {
		t.Fatalf("%s %v: %d numbers", v.Name, v.Shape, len(data))
	}
	for i, d := range data {
		if v.Type.IsFloat() {
			x.Floats[i] = v.Type.Round(d)
		} else {
			x.Ints[i] = int64(d)
		}
	}
	return x
}

// number reads JSON numbers and booleans.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "true":
		*n = 1
		return nil
	case "false":
		*n = 0
		return nil
	}
	var f float64
	err := json.Unmarshal(b, &f)
	*n = number(f)
	return err
}

func plain(list []number) []float64 {
	out := make([]float64, len(list))
	for i, n := range list {
		out[i] = float64(n)
	}
	return out
}

// TestModelsAgreeWithOnnxruntime runs every network on its input and compares with onnxruntime's outputs.
func TestModelsAgreeWithOnnxruntime(t *testing.T) {
	folder := modelFolder(t)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			dir := filepath.Join(folder, e.Name())
			g, err := Load(filepath.Join(dir, "network.onnx"), Options{Variables: map[string]int{"batch_size": 1}})
			if err != nil {
				t.Fatal(err)
			}
			var input struct {
				Data    [][]number `json:"input_data"`
				Outputs [][]number `json:"output_data"` // of the exporter, with a few digits
			}
			var reference struct {
				Outputs []struct {
					Name  string
					Shape []int
					Data  []number
				}
			}
			if !readJSON(t, filepath.Join(dir, "input.json"), &input) {
				t.Skip("no input")
			}
			compared := readJSON(t, filepath.Join(dir, "reference.json"), &reference)
			var inputs []*tensor.Tensor
			for i, v := range g.Inputs {
				if i >= len(input.Data) {
					t.Fatalf("%d inputs in the file, %d in the model", len(input.Data), len(g.Inputs))
				}
				inputs = append(inputs, asTensor(t, v, plain(input.Data[i])))
			}
			compare := func(what string) {
				outputs, err := graph.Run(context.Background(), g, inputs, nil)
				if err != nil {
					t.Fatal(what, err)
				}
				if !compared && e.Name() == "nanoGPT" { // the file's outputs are of other weights
					t.Logf("%s: %v without a reference", what, outputs[0].Shape)
					return
				}
				if !compared { // onnxruntime refuses the file
					for i, want := range input.Outputs {
						for k, v := range plain(want) {
							if d := math.Abs(outputs[i].Float(k) - v); !(d <= 1e-4*max(1, math.Abs(v))) {
								t.Fatalf("%s: output %d entry %d is %g, the exporter's %g", what, i, k, outputs[i].Float(k), v)
							}
						}
						t.Logf("%s: %d numbers agree with the exporter's", what, len(want))
					}
					return
				}
				if len(outputs) != len(reference.Outputs) {
					t.Fatalf("%s: %d outputs, want %d", what, len(outputs), len(reference.Outputs))
				}
				for i, r := range reference.Outputs {
					if g.OutputNames[i] != r.Name || !tensor.SameShape(outputs[i].Shape, r.Shape) {
						t.Fatalf("%s: output %s %v, want %s %v", what, g.OutputNames[i], outputs[i].Shape, r.Name, r.Shape)
					}
					scale, worst := 0.0, 0.0
					for k, want := range plain(r.Data) {
						scale = max(scale, math.Abs(want))
						worst = max(worst, math.Abs(outputs[i].Float(k)-want))
					}
					t.Logf("%s: output %s: error %.2g of %.3g", what, r.Name, worst, scale)
					if !(worst <= 1e-5*max(scale, 1e-3)) {
						t.Errorf("%s: output %s: error %g of %g", what, r.Name, worst, scale)
					}
				}
			}
			compare("built")
		})
	}
}
