package quant

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

func floats(shape []int, data ...float64) *tensor.Tensor {
	return &tensor.Tensor{Type: tensor.Float32, Shape: shape, Floats: data}
}

func TestParams(t *testing.T) {
	s := &Stats{Max: map[string]float64{"a": 1, "b": 0, "c": 0.3, "d": 1e-40, "e": 4.0001}}
	p, err := s.Params(2)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"a": 1, "b": Zero, "c": 0, "d": -60, "e": 4} {
		if p.Exponents[name] != want {
			t.Errorf("%s: exponent %d, not %d", name, p.Exponents[name], want)
		}
	}
	if p.Bound("a") != 2 || p.Bound("b") != 0 || p.Bound("unknown") != 0 {
		t.Error("bounds")
	}
	for _, margin := range []float64{0.5, math.NaN(), math.Inf(1)} {
		if _, err := s.Params(margin); err == nil {
			t.Errorf("margin %g accepted", margin)
		}
	}
	s.Max["huge"] = 1e30
	if _, err := s.Params(2); err == nil {
		t.Error("a tensor of 1e30 accepted")
	}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var q Params
	if err := json.Unmarshal(raw, &q); err != nil || q.Bound("e") != 16 {
		t.Errorf("%s: %v", raw, err)
	}
}

func TestM1_Compare(t *testing.T) {
	want := [][]*tensor.Tensor{{floats([]int{2, 3}, 1, 2, 4, 0, -1, -2)}}
	got := [][]*tensor.Tensor{{floats([]int{2, 3}, 1, 5, 4, 0.5, -1, -2)}}
	r, err := Compare(want, got)
	if err != nil {
		t.Fatal(err)
	}
	if r.Samples != 1 || r.Entries != 6 || r.Labels != 2 || r.Flips != 1 {
		t.Errorf("%+v", r)
	}
	if r.Scaled != 3.0/4 {
		t.Errorf("scaled %g", r.Scaled)
	}
	if a := r.Absolute; a.MaxAbs != 3 || a.Min != -3 || a.Max != 0 || a.MeanAbs != 3.5/6 || a.MedianAbs != 0 {
		t.Errorf("absolute %+v", a)
	}
	if e := r.Relative; e.MaxAbs != 1.5 || e.MeanAbs != 0.3 {
		t.Errorf("relative %+v", e)
	}
	if _, err := Compare(want, nil); err == nil {
		t.Error("a missing sample accepted")
	}
}

func TestRandomSample(t *testing.T) {
	g := &graph.Graph{Inputs: []*graph.Value{{Name: "x", Type: tensor.Float32, Shape: []int{2, 500}}, {Name: "b", Type: tensor.Bool, Shape: []int{64}}}}
	a, b := RandomSample(g, 1), RandomSample(g, 1)
	lo, hi, ones := 0.0, 0.0, int64(0)
	for i, x := range a[0].Floats {
		if x != b[0].Floats[i] {
			t.Fatal("not repeatable")
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	for _, x := range a[1].Ints {
		ones += x
	}
	if lo < -1 || lo > -0.95 || hi >= 1 || hi < 0.95 || ones < 10 || ones > 54 {
		t.Errorf("range [%g, %g], %d ones of 64", lo, hi, ones)
	}
}
