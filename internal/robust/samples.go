package robust

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ezkl-go/ezkl/internal/formats"
)

// Samples are inputs, and what is right for them.
type Samples struct {
	Name string
	X    [][]float64 // flat, row-major
	Y    []float64   // nil: no labels
}

// labelNames are the names of label arrays and columns.
var labelNames = []string{"y", "label", "labels", "target", "targets", "class"}

func isLabel(name string) bool {
	return slices.Contains(labelNames, strings.ToLower(strings.TrimSpace(name)))
}

// ParseSamples reads a data file for inputs of size entries: .npz with an array x (or of any name) and, for labels, y; .npy;
// input.json, with "labels": [..] beside "input_data"; .csv with a row for each sample, a header or none, and the label in
// the column of that name or in the last one. Names decide: .csv is CSV, the rest is told apart by its bytes.
func ParseSamples(name string, data []byte, size int) (*Samples, error) {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return parseCSV(name, data, size)
	}
	d, err := formats.ParseData(name, data)
	if err != nil {
		return nil, err
	}
	s := &Samples{Name: name}
	var inputs []formats.Array
	for _, a := range d.Arrays {
		if isLabel(a.Name) {
			s.Y = floats(a)
		} else {
			inputs = append(inputs, a)
		}
	}
	if len(inputs) > 1 {
		inputs = slices.DeleteFunc(inputs, func(a formats.Array) bool { return a.Name != "x" })
	}
	if len(inputs) != 1 {
		return nil, fmt.Errorf("%s: %d arrays: want one of inputs (x) and, for labels, one named y", name, len(d.Arrays))
	}
	if s.X, err = cut(name, floats(inputs[0]), size); err != nil {
		return nil, err
	}
	if s.Y == nil && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		var side struct {
			Labels []float64 `json:"labels"`
		}
		if err := json.Unmarshal(data, &side); err != nil {
			return nil, fmt.Errorf("%s: \"labels\": want a list of numbers", name)
		}
		s.Y = side.Labels
	}
	return s, nil
}

// ParseLabels reads labels of their own: .npy, .npz with one array, input.json or .csv with one column.
func ParseLabels(name string, data []byte) ([]float64, error) {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		s, err := parseCSV(name, data, 1)
		if err != nil {
			return nil, err
		}
		return slices.Concat(s.X...), nil
	}
	d, err := formats.ParseData(name, data)
	if err != nil {
		return nil, err
	}
	if len(d.Arrays) != 1 {
		return nil, fmt.Errorf("%s: %d arrays, want one of labels", name, len(d.Arrays))
	}
	return floats(d.Arrays[0]), nil
}

func floats(a formats.Array) []float64 {
	out := make([]float64, len(a.Values))
	for i, v := range a.Values {
		out[i] = v.Float()
	}
	return out
}

func cut(name string, values []float64, size int) ([][]float64, error) {
	if len(values) == 0 || len(values)%size != 0 {
		return nil, fmt.Errorf("%s: %d values, not a multiple of the network's %d", name, len(values), size)
	}
	return slices.Collect(slices.Chunk(values, size)), nil
}

func parseCSV(name string, data []byte, size int) (*Samples, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Samples{Name: name}
	label, first := -1, 0
	if len(rows) > 0 {
		if _, err := strconv.ParseFloat(strings.TrimSpace(rows[0][0]), 64); err != nil {
			label, first = slices.IndexFunc(rows[0], isLabel), 1
		}
		if label < 0 && len(rows[0]) == size+1 {
			label = size
		}
	}
	for i, row := range rows[first:] {
		var x []float64
		for j, text := range row {
			v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("%s: line %d, column %d: %.40q is no finite number", name, i+1+first, j+1, text)
			}
			if j == label {
				s.Y = append(s.Y, v)
			} else {
				x = append(x, v)
			}
		}
		if len(x) != size {
			return nil, fmt.Errorf("%s: line %d: %d values, the network wants %d (and a label)", name, i+1+first, len(x), size)
		}
		s.X = append(s.X, x)
	}
	if len(s.X) == 0 {
		return nil, fmt.Errorf("%s: no samples", name)
	}
	return s, nil
}

// Check refuses inputs of another size, numbers that are not finite, and labels that are not as many for each sample. nil
// has no samples and no defects.
func (s *Samples) Check(size int) error {
	if s == nil {
		return nil
	}
	for i, x := range s.X {
		if len(x) != size {
			return fmt.Errorf("%s: sample %d has %d entries, the network wants %d", s.Name, i, len(x), size)
		}
		for j, v := range x {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%s: sample %d, entry %d is %v", s.Name, i, j, v)
			}
		}
	}
	if n := len(s.X); n == 0 || len(s.Y)%n != 0 || s.Y != nil && len(s.Y) == 0 {
		return fmt.Errorf("%s: %d labels for %d samples", s.Name, len(s.Y), n)
	}
	return nil
}

// bounds are the smallest and the largest entry.
func (s *Samples) bounds() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, x := range s.X {
		lo, hi = min(lo, slices.Min(x)), max(hi, slices.Max(x))
	}
	return lo, hi
}

// Take keeps at most n samples, the first ones; 0 keeps all.
func (s *Samples) Take(n int) {
	if n <= 0 || n >= len(s.X) {
		return
	}
	if len(s.Y) > 0 {
		s.Y = s.Y[:len(s.Y)/len(s.X)*n]
	}
	s.X = s.X[:n]
}
