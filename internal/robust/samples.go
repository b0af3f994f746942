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
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
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

// Input is one input of a network.
type Input struct {
	Name string
	Size int // entries
}

// InputsOf are the inputs of a network, in its order.
func InputsOf(g *graph.Graph) []Input {
	var out []Input
	for _, v := range g.Inputs {
		out = append(out, Input{v.Name, tensor.Size(v.Shape)})
	}
	return out
}

func sizeOf(in []Input) int {
	n := 0
	for _, i := range in {
		n += i.Size
	}
	return n
}

// ParseSamples reads a data file for inputs: .npz with an array x (or of any name) and, for labels, y; .npy;
// input.json, with "labels": [..] beside "input_data"; .csv with a row for each sample, a header or none, and the label in
// the column of that name or in the last one. Names decide: .csv is CSV, the rest is told apart by its bytes. A sample of a
// network with several inputs holds them one after the other: in one array or row, or in an array for each input, by name or in order.
func ParseSamples(name string, data []byte, in ...Input) (*Samples, error) {
	size := sizeOf(in)
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
	if len(in) > 1 && len(inputs) == len(in) {
		if s.X, err = joined(name, inputs, in); err != nil {
			return nil, err
		}
		return s, s.sideLabels(data)
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
	return s, s.sideLabels(data)
}

// sideLabels takes the "labels" of an input.json.
func (s *Samples) sideLabels(data []byte) error {
	if s.Y != nil || !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return nil
	}
	var side struct {
		Labels []float64 `json:"labels"`
	}
	if err := json.Unmarshal(data, &side); err != nil {
		return fmt.Errorf("%s: \"labels\": want a list of numbers", s.Name)
	}
	s.Y = side.Labels
	return nil
}

// joined are the samples of several inputs with an array each, by name if all names are those of inputs.
func joined(name string, arrays []formats.Array, in []Input) ([][]float64, error) {
	ordered := slices.Clone(arrays)
	for k, i := range in {
		if at := slices.IndexFunc(arrays, func(a formats.Array) bool { return a.Name == i.Name }); at >= 0 {
			ordered[k] = arrays[at]
		} else {
			ordered = arrays
			break
		}
	}
	var out [][]float64
	for k, i := range in {
		part, err := cut(fmt.Sprintf("%s: input %q", name, i.Name), floats(ordered[k]), i.Size)
		if err != nil {
			return nil, err
		}
		if k == 0 {
			out = make([][]float64, len(part))
		}
		if len(part) != len(out) {
			return nil, fmt.Errorf("%s: %d samples of input %q, %d of %q", name, len(part), i.Name, len(out), in[0].Name)
		}
		for s := range part {
			out[s] = append(out[s], part[s]...)
		}
	}
	return out, nil
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
