package lower

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

func TestSurvey(t *testing.T) {
	dirs, _ := os.ReadDir(modelFolder)
	only := os.Getenv("ONLY")
	for _, d := range dirs {
		name := d.Name()
		if only != "" && !slices.Contains(strings.Split(only, ","), name) { continue }
		t.Log(survey(filepath.Join(modelFolder, name), name))
	}
}

func survey(folder, name string) (line string) {
	defer func() { if r := recover(); r != nil { line = fmt.Sprintf("%-20s PANIC %v", name, r); if os.Getenv("ONLY") != "" { panic(r) } } }()
	g, err := onnx.Load(filepath.Join(folder, "network.onnx"), onnx.Options{Variables: map[string]int{"batch_size": 1}})
	if err != nil { return name + " load: " + err.Error() }
	var input struct { Data [][]any `json:"input_data"` }
	raw, _ := os.ReadFile(filepath.Join(folder, "input.json"))
	if err := json.Unmarshal(raw, &input); err != nil { return name + " input: " + err.Error() }
	var in, want []*tensor.Tensor
	for i, v := range g.Inputs {
		x := tensor.New(v.Type, v.Shape...)
		if x.Len() != len(input.Data[i]) { return fmt.Sprintf("%s input %d has %d not %d", name, i, len(input.Data[i]), x.Len()) }
		for j, d := range input.Data[i] {
			f := 0.0
			switch d := d.(type) { case float64: f = d; case bool: if d { f = 1 } }
			if x.Type.IsFloat() { x.Floats[j] = f } else { x.Ints[j] = int64(f) }
		}
		in = append(in, x)
	}
	ctx := context.Background()
	ref := "ort"
	var reference struct { Outputs []struct{ Data []any } }
	raw, err = os.ReadFile(filepath.Join(folder, "reference.json"))
	run, rerr := graph.Run(ctx, g, in, nil)
	if rerr != nil { return name + " run: " + rerr.Error() }
	if err == nil && json.Unmarshal(raw, &reference) == nil && len(reference.Outputs) == len(g.Outputs) {
		for i, v := range g.Outputs {
			x := tensor.New(v.Type, v.Shape...)
			for j, d := range reference.Outputs[i].Data {
				f := 0.0
				switch d := d.(type) { case float64: f = d; case bool: if d { f = 1 } }
				if x.Type.IsFloat() { x.Floats[j] = f } else { x.Ints[j] = int64(f) }
			}
			want = append(want, x)
		}
	} else { ref = "float"; want = run }
	diff := func(a, b []*tensor.Tensor) (float64, float64) {
		worst, largest := 0.0, 1.0
		for i := range b { for j := range b[i].Len() { largest = max(largest, math.Abs(b[i].Float(j))); worst = max(worst, math.Abs(a[i].Float(j)-b[i].Float(j))) } }
		return worst, largest
	}
	fd, _ := diff(run, want)
	stats, _, err := quant.Calibrate(ctx, g, [][]*tensor.Tensor{in}, nil)
	if err != nil { return name + " calibrate: " + err.Error() }
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil { return name + " params: " + err.Error() }
	var width int; fmt.Sscan(os.Getenv("WIDTH"), &width); c, err := Compile(g, p, Options{Output: Public, Width: width})
	if err != nil { s := err.Error(); if len(s) > 900 { s = s[:900] }; return fmt.Sprintf("%-20s FAIL %s", name, s) }
	values, err := c.Values(in)
	if err != nil { return fmt.Sprintf("%-20s FAIL values %v", name, err) }
	if err := witness.Solve(ctx, c.Circuit, c.Certificate, values); err != nil { return fmt.Sprintf("%-20s FAIL solve %v", name, err) }
	if f := witness.Mock(c.Circuit, values); f != nil { return fmt.Sprintf("%-20s FAIL mock %v", name, f) }
	got := c.Dequantise(values)
	w, l := diff(got, want)
	status := "ok  "
	if w > 1e-3*l { status = "BAD " }
	wf, _ := diff(got, run)
	return fmt.Sprintf("%-20s %s %s floatdiff %.1e quant %.1e of %.2g; %s", name, status, ref, fd, wf, l, costLine("", c, w))
}
