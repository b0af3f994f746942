// Package testdata holds small networks, each of one operator or a few, with inputs and onnxruntime's outputs. tools/models makes
// the files. They are embedded, so that tests and fuzz targets run from any folder.
package testdata

import (
	"bytes"
	_ "embed" // the files
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

//go:embed operators.jsonl
var operators []byte

//go:embed composite.jsonl
var composite []byte

//go:embed classical.jsonl
var classical []byte

//go:embed spatial.jsonl
var spatial []byte

// Case is one network: Model is an ONNX file.
type Case struct {
	Case            string
	Model           []byte
	Inputs, Outputs []Tensor
}

// Tensor is an input or output of a case.
type Tensor struct {
	Name, Type string
	Shape      []int
	Data       []Number
}

// Number is a JSON number, or "nan", "inf", "-inf": as a real, and as an integer.
type Number struct {
	Float float64
	Int   int64
}

// UnmarshalJSON reads one number.
func (n *Number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"nan"`:
		n.Float = math.NaN()
		return nil
	case `"inf"`:
		n.Float = math.Inf(1)
		return nil
	case `"-inf"`:
		n.Float = math.Inf(-1)
		return nil
	}
	if err := json.Unmarshal(b, &n.Float); err != nil {
		return err
	}
	n.Int = int64(n.Float)
	if !strings.ContainsAny(string(b), ".eE") {
		return json.Unmarshal(b, &n.Int)
	}
	return nil
}

// Tensor is the case's tensor as one of type d and the given shape.
func (c *Tensor) Tensor(d tensor.DType, shape ...int) (*tensor.Tensor, error) {
	x := tensor.New(d, shape...)
	if x.Len() != len(c.Data) {
		return nil, fmt.Errorf("%s has %d entries, for shape %v", c.Name, len(c.Data), shape)
	}
	for i, n := range c.Data {
		if d.IsFloat() {
			x.Floats[i] = n.Float
		} else {
			x.Ints[i] = n.Int
		}
	}
	return x, nil
}

// Own is the case's tensor in the type and shape that the file gives.
func (c *Tensor) Own() (*tensor.Tensor, error) {
	for d := tensor.Float32; d.Valid(); d++ {
		if d.String() == c.Type {
			return c.Tensor(d, c.Shape...)
		}
	}
	return nil, fmt.Errorf("%s has type %q", c.Name, c.Type)
}

// Operators are the cases of one operator each, Composite those of operators that become others, Classical trained models.
func Operators() ([]Case, error) { return Read(operators) }

// Composite are the cases of operators that become others while a graph is built.
func Composite() ([]Case, error) { return Read(composite) }

// Classical are small trained models as converters write them.
func Classical() ([]Case, error) { return Read(classical) }

// Spatial are operators that read between pixels, transform signals, move entries or count words.
func Spatial() ([]Case, error) { return Read(spatial) }

// All are all cases, always in the same order.
func All() ([]Case, error) {
	var out []Case
	for _, f := range []func() ([]Case, error){Operators, Composite, Classical, Spatial} {
		list, err := f()
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// Read reads cases, a JSON object a line.
func Read(file []byte) ([]Case, error) {
	var out []Case
	d := json.NewDecoder(bytes.NewReader(file))
	for d.More() {
		var c Case
		if err := d.Decode(&c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
