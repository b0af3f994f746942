package ezkl_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl"
)

var robustData = filepath.Join("internal", "robust", "testdata")

// How many of a network's answers survive noise, and whether a patch turns them.
func ExampleRobust() {
	model, err := ezkl.LoadModel(filepath.Join(robustData, "poisoned.onnx"), ezkl.ModelOptions{})
	if err != nil {
		log.Fatal(err)
	}
	data, err := ezkl.LoadSamples(filepath.Join(robustData, "test.npz"), "", model, 200)
	if err != nil {
		log.Fatal(err)
	}
	report, err := ezkl.Robust(context.Background(), model, nil, data, ezkl.RobustOptions{FloatOnly: true,
		Checks: ezkl.RobustChecks{Noise: &ezkl.NoiseOptions{Sigmas: []float64{0.05}, MinRate: 0.9}, Poison: &ezkl.PoisonOptions{}}})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range report.Sections {
		for _, f := range s.Findings {
			if f.Verdict != "note" {
				fmt.Println(f.Verdict, f.ID)
			}
		}
	}
	// Output:
	// pass noise-gaussian-float
	// pass noise-uniform-float
	// pass noise-salt-and-pepper-float
	// fail trigger-float
}

// Samples from memory are checked before anything runs.
func TestRobustSamples(t *testing.T) {
	model, err := ezkl.LoadModel(filepath.Join(robustData, "hidden.onnx"), ezkl.ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for want, d := range map[string]*ezkl.RobustSamples{
		"no samples given":     nil,
		"has 2 entries":        ezkl.NewSamples([][]float64{{1, 2}}, nil),
		"is NaN":               ezkl.NewSamples([][]float64{{1, 2, 3, math.NaN()}}, nil),
		"labels for 0 samples": ezkl.NewSamples(nil, nil),
		"1 labels for 2":       ezkl.NewSamples([][]float64{{1, 2, 3, 4}, {1, 2, 3, 5}}, []float64{1}),
		"label 0 is 0.5":       ezkl.NewSamples([][]float64{{1, 2, 3, 4}}, []float64{0.5}),
		"no range":             ezkl.NewSamples([][]float64{{1, 1, 1, 1}}, []float64{0}),
	} {
		if _, err := ezkl.Robust(t.Context(), model, nil, d, ezkl.RobustOptions{FloatOnly: true}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
