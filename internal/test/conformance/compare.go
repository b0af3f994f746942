package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/ezkl-go/ezkl"
)

// tolerance bounds the error of a real output, relative to the largest expected one or 1. Integers and booleans are exact.
const tolerance = 1e-3

// compare holds the rescaled outputs of a witness against the expected ones. It returns what is wrong, or "".
func compare(w *ezkl.Witness, path string) (why string, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var want []struct {
		Exact bool
		Limit float64 // of the absolute error; 0: by tolerance
		Data  []any   // numbers or booleans
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		return "", err
	}
	got := w.Pretty.RescaledOutputs
	if len(got) != len(want) {
		return fmt.Sprintf("%d outputs, not %d", len(got), len(want)), nil
	}
	for o, x := range want {
		if len(got[o]) != len(x.Data) {
			return fmt.Sprintf("output %d has %d entries, not %d", o, len(got[o]), len(x.Data)), nil
		}
		worst, at, largest := 0.0, 0, 1.0
		for i, v := range x.Data {
			e := real(v)
			g, err := strconv.ParseFloat(got[o][i], 64)
			if err != nil {
				return "", err
			}
			largest = max(largest, math.Abs(e))
			if d := math.Abs(g - e); !(d <= worst) {
				worst, at = d, i
			}
		}
		limit := tolerance * largest
		switch {
		case x.Exact:
			limit = 0
		case x.Limit > 0:
			limit = x.Limit
		}
		if !(worst <= limit) {
			return fmt.Sprintf("output %d, entry %d is %s, not %v: error %.3g, largest %.3g", o, at, got[o][at], x.Data[at], worst, largest), nil
		}
	}
	return "", nil
}

func real(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return math.NaN()
}
