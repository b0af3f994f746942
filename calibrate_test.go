package ezkl_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl"
)

// calibrated is the quickstart's network with the given options.
func calibrated(t *testing.T, o ezkl.CalibrateOptions) (*ezkl.Model, *ezkl.Settings, *ezkl.CalibrationReport) {
	t.Helper()
	ctx := context.Background()
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	s := must(ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}))
	r, err := ezkl.Calibrate(ctx, m, s, must(ezkl.LoadData("quickstart/calibration.json")), o)
	if err != nil {
		t.Fatal(err)
	}
	return m, s, r
}

func TestTargets(t *testing.T) {
	_, _, balanced := calibrated(t, ezkl.CalibrateOptions{})
	if len(balanced.Candidates) != 1 || balanced.HeldOut == nil || balanced.HeldOut.Samples != 1 || balanced.HeldOut.Refused != 0 || balanced.Limit == nil {
		t.Errorf("%+v", balanced)
	}
	_, _, cheap := calibrated(t, ezkl.CalibrateOptions{Target: "resources", MaxError: 1e-2})
	_, _, fine := calibrated(t, ezkl.CalibrateOptions{Target: "accuracy"})
	chosen := func(r *ezkl.CalibrationReport) (c ezkl.Candidate) {
		for i, x := range r.Candidates {
			if x.Chosen {
				c = x
			}
			if i > 0 && x.Error == "" && r.Candidates[i-1].Seconds > x.Seconds {
				t.Error("not in order of cost")
			}
		}
		return c
	}
	if a, b := chosen(cheap), chosen(balanced); a.Seconds > b.Seconds || cheap.LabelFlips > balanced.LabelFlips {
		t.Errorf("resources: %+v, balanced %+v", a, b)
	}
	if a, b := chosen(fine), chosen(balanced); a.MaxAbsError > b.MaxAbsError || !a.Front {
		t.Errorf("accuracy: %+v, balanced %+v", a, b)
	}
	if text := fine.String(); !strings.Contains(text, "\n > ") || !strings.Contains(text, "held out: ") || !strings.Contains(text, "accuracy is limited at node") {
		t.Error(text)
	}
}

// TestCompleteness: a guaranteed circuit takes every image in its range and nothing else; a clamping one takes everything,
// and its outputs are those of the clamped input.
// TestEveryWidthFails: a power of 0 has no witness whatever the widths, which is one error.
func TestEveryWidthFails(t *testing.T) {
	var c struct{ Model []byte }
	_, rest, _ := strings.Cut(string(must(os.ReadFile("internal/onnx/testdata/operators.jsonl"))), `{"case":"binary/Pow 0",`)
	line, _, _ := strings.Cut(rest, "\n")
	if err := json.Unmarshal([]byte("{"+line), &c); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"pow.onnx": c.Model, "in.json": []byte(`{"input_data":[[0,1,2,3,4,5],[1,2,3,2,1,2]]}`)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	m := must(ezkl.LoadModel(filepath.Join(dir, "pow.onnx"), ezkl.ModelOptions{}))
	s := must(ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}))
	data := must(ezkl.LoadData(filepath.Join(dir, "in.json")))
	if _, err := ezkl.Calibrate(ctx, m, s, data, ezkl.CalibrateOptions{}); err == nil || !strings.Contains(err.Error(), "Pow") {
		t.Error(err)
	}
}

func TestCompleteness(t *testing.T) {
	ctx := context.Background()
	image := func(values func(i int) float64) *ezkl.Data {
		var b strings.Builder
		for i := range 28 * 28 {
			fmt.Fprintf(&b, ",%g", values(i))
		}
		return must(ezkl.ReadData("image", strings.NewReader(`{"input_data": [[`+b.String()[1:]+`]]}`)))
	}
	images := func(m float64) []*ezkl.Data {
		return []*ezkl.Data{image(func(int) float64 { return m }), image(func(int) float64 { return -m }),
			image(func(i int) float64 { return m * float64(1-2*(i%2)) }), image(func(i int) float64 { return m * float64(1-i/7%3) })}
	}
	try := func(c *ezkl.Circuit, d *ezkl.Data) (*ezkl.Witness, error) {
		w, err := ezkl.GenWitness(ctx, c, d)
		if err == nil {
			_, err = ezkl.Mock(ctx, c, w)
		}
		return w, err
	}
	m, s, r := calibrated(t, ezkl.CalibrateOptions{Completeness: "guaranteed", InputRanges: must(ezkl.ParseInputRanges("-1:1"))})
	if r.LabelFlips > 0 || r.HeldOut != nil {
		t.Errorf("%+v", r)
	}
	c := must(ezkl.Compile(ctx, m, s, ezkl.CompileOptions{}))
	for i, d := range images(1) {
		if _, err := try(c, d); err != nil {
			t.Errorf("guaranteed, image %d: %v", i, err)
		}
	}
	if _, err := try(c, images(1.01)[0]); err == nil || !strings.Contains(err.Error(), "the range that the circuit is made for") {
		t.Errorf("outside of the range: %v", err)
	}

	m, s, _ = calibrated(t, ezkl.CalibrateOptions{Completeness: "clamp"})
	c = must(ezkl.Compile(ctx, m, s, ezkl.CompileOptions{}))
	for i, d := range images(1e6) {
		w, err := try(c, d)
		if err != nil {
			t.Fatalf("clamp, image %d: %v", i, err)
		}
		if v := must(try(c, images(1e3)[i])); fmt.Sprint(v.Outputs) != fmt.Sprint(w.Outputs) {
			t.Errorf("clamp, image %d: the output is not that of the clamped input", i)
		}
	}
}

func TestParseInputRanges(t *testing.T) {
	r, err := ezkl.ParseInputRanges("-1:1,x=0:255")
	if err != nil || r[""] != (ezkl.Range{Lo: -1, Hi: 1}) || r["x"].Hi != 255 {
		t.Errorf("%v, %v", r, err)
	}
	for _, s := range []string{"", "1", "2:1", "a:b", "0:1,0:1", "nan:1", "-inf:inf"} {
		if _, err := ezkl.ParseInputRanges(s); err == nil {
			t.Errorf("%q accepted", s)
		}
	}
}
