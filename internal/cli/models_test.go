package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl"
)

// modelCase is a network of testdata/models (written by tools/models/make.py), with onnxruntime's outputs.
type modelCase struct {
	Flags          []string
	CalibrateFlags []string `json:"calibrate_flags"`
	Tolerance      float64
	Input          [][]any `json:"input_data"`
	Calibration    [][]any // nil: the input
	Outputs        [][]float64
	Outside        []struct { // inputs that must be refused in one line with these texts
		Input [][]any `json:"input_data"`
		Text  []string
	}
}

// TestM2_Models runs the whole command line on networks as exporters write them.
func TestM2_Models(t *testing.T) {
	folders, err := filepath.Glob("testdata/models/*")
	if err != nil || len(folders) < 50 {
		t.Fatalf("%d networks: %v", len(folders), err)
	}
	for _, folder := range folders {
		folder, err := filepath.Abs(folder)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(folder), func(t *testing.T) { testModel(t, folder) })
	}
}

func testModel(t *testing.T, folder string) {
	raw, err := os.ReadFile(filepath.Join(folder, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c modelCase
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	model := filepath.Join(folder, "network.onnx")
	must := func(args ...string) {
		t.Helper()
		if code, _, stderr := run(args...); code != 0 {
			t.Fatalf("%s: exit code %d: %s", args[0], code, stderr)
		}
	}
	writeData := func(name string, data [][]any) {
		t.Helper()
		b, err := json.Marshal(map[string]any{"input_data": data})
		if err == nil {
			err = os.WriteFile(name, b, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	writeData("input.json", c.Input)
	if c.Calibration == nil {
		c.Calibration = c.Input
	}
	writeData("calibration.json", c.Calibration)
	must(append([]string{"gen-settings", "-M", model}, c.Flags...)...)
	must(append([]string{"calibrate-settings", "-M", model}, c.CalibrateFlags...)...)
	must("compile-circuit", "-M", model)
	must("gen-witness")
	w, err := ezkl.LoadWitness("witness.json")
	if err != nil {
		t.Fatal(err)
	}
	checkOutputs(t, w.Pretty.RescaledOutputs, c.Outputs, c.Tolerance)
	must("mock")
	s, err := ezkl.LoadSettings("settings.json")
	if err != nil {
		t.Fatal(err)
	}
	must("gen-srs", "--srs-path", "kzg.srs", "--logrows", strconv.Itoa(s.RunArgs.LogRows))
	must("setup", "--srs-path", "kzg.srs")
	must("prove", "--srs-path", "kzg.srs")
	must("verify")
	for _, o := range c.Outside {
		writeData("outside.json", o.Input)
		code, _, stderr := run("gen-witness", "-D", "outside.json", "-O", "outside.witness")
		checkFailure(t, "outside", code, stderr, "outside.witness")
		if slices.ContainsFunc(o.Text, func(s string) bool { return !strings.Contains(stderr, s) }) {
			t.Errorf("outside: %s, want %q", stderr, o.Text)
		}
	}
}

// checkOutputs wants |got - want| <= tolerance * max(1, largest |want| of that output).
func checkOutputs(t *testing.T, got [][]string, want [][]float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d outputs, not %d", len(got), len(want))
	}
	for i := range want {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("output %d has %d entries, not %d", i, len(got[i]), len(want[i]))
		}
		largest := 1.0
		for _, x := range want[i] {
			largest = max(largest, math.Abs(x))
		}
		for j, x := range want[i] {
			y, err := strconv.ParseFloat(got[i][j], 64)
			if err != nil || !(math.Abs(x-y) <= tolerance*largest) {
				t.Fatalf("output %d, entry %d: %s, want %g", i, j, got[i][j], x)
			}
		}
	}
}
