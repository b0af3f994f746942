package formats

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Data is input data: one array for each network input.
type Data struct {
	Name   string // where it came from, for messages: "input.json"
	Arrays []Array
	// ByName says that arrays belong to the inputs of their names, else to the inputs in order.
	ByName bool
}

// Array is one flat array of numbers, row-major.
type Array struct {
	Name   string // of an array in a .npz; otherwise empty
	Shape  []int  // of a NumPy array; nil: the file is flat
	Values []Value
	// at is how errors name entry i: input_data[0][17] in JSON, name[17] in NumPy files.
	at string
}

// At is how messages name entry i.
func (d *Data) At(a *Array, i int) string { return fmt.Sprintf("%s: %s[%d]", d.Name, a.at, i) }

// Value is one number as a file spells it.
type Value struct {
	Kind ValueKind
	bits uint64
}

// ValueKind says how a number was spelled.
type ValueKind uint8

const (
	Real    ValueKind = iota // a finite number that is no 64-bit integer literal
	Integer                  // an integer literal
	Boolean                  // true or false
	Felt                     // a field element: an integer at the input's scale, taken as it is
)

// Int is the integer of an Integer, Boolean or Felt.
func (v Value) Int() int64 { return int64(v.bits) }

// Float is the number as a float64.
func (v Value) Float() float64 {
	if v.Kind == Real {
		return math.Float64frombits(v.bits)
	}
	return float64(int64(v.bits))
}

// RealValue, IntValue, BoolValue and FeltValue make a Value.
func RealValue(f float64) Value { return Value{Real, math.Float64bits(f)} }
func IntValue(i int64) Value    { return Value{Integer, uint64(i)} }
func FeltValue(i int64) Value   { return Value{Felt, uint64(i)} }
func BoolValue(b bool) Value {
	if b {
		return Value{Boolean, 1}
	}
	return Value{Boolean, 0}
}

// ParseData reads input data of any kind: input.json, .npy or .npz.
func ParseData(name string, data []byte) (*Data, error) {
	switch Sniff(data[:min(len(data), SniffLen)], int64(len(data))) {
	case NPY:
		return parseNPYData(name, data)
	case NPZ:
		return parseNPZ(name, data)
	}
	return parseDataJSON(name, data)
}

func parseDataJSON(name string, data []byte) (*Data, error) {
	s := newScanner(name, data)
	if s.peek() != '{' {
		return nil, wrongJSON(name, data, DataFile)
	}
	d := &Data{Name: name}
	seen := false
	err := s.object(func(key string) error {
		if key != "input_data" {
			return s.skip() // output_data, input_shapes and others, as ezkl does
		}
		seen = true
		return s.list(func(i int) error {
			a := Array{at: fmt.Sprintf("input_data[%d]", i)}
			err := s.list(func(int) error {
				v, err := s.value()
				a.Values = append(a.Values, v)
				return err
			})
			d.Arrays = append(d.Arrays, a)
			return err
		})
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, err
	}
	if !seen {
		if got := Sniff(data, int64(len(data))); got != JSON {
			return nil, WrongKind(name, got, DataFile)
		}
		return nil, fmt.Errorf("%s: no \"input_data\" in it, want {\"input_data\": [[numbers of the first input], ..]}", name)
	}
	return d, nil
}

// value reads a number, a boolean or a field element.
func (s *scanner) value() (Value, error) {
	switch c := s.peek(); {
	case c == '"':
		start := s.pos
		t, err := s.text("a field element")
		if err != nil {
			return Value{}, err
		}
		v, err := ParseFeltInt(t)
		if err != nil {
			s.pos = start
			return Value{}, s.fail("found the string %q: %v", printable(t), err)
		}
		return FeltValue(v), nil
	case c == 't' || c == 'f':
		b, err := s.boolean()
		return BoolValue(b), err
	case c == '[':
		return Value{}, s.fail("found a list: each input is one flat list of numbers, row-major (reshape([-1]).tolist())")
	}
	text, whole, err := s.number("a finite number")
	if err != nil {
		return Value{}, err
	}
	if whole {
		if v, err := strconv.ParseInt(string(text), 10, 64); err == nil && !(v == 0 && text[0] == '-') {
			return IntValue(v), nil
		}
	}
	f, perr := strconv.ParseFloat(string(text), 64)
	if perr != nil || math.IsInf(f, 0) {
		return Value{}, s.fail("%s is too large for a 64-bit number", printable(string(text)))
	}
	return RealValue(f), nil
}

// InputShape is what a network wants of one input.
type InputShape struct {
	Name string
	Dims []int
}

func (s InputShape) size() int {
	n := 1
	for _, d := range s.Dims {
		n *= d
	}
	return n
}

// Match gives the arrays in the order of the inputs. Every array must belong to an input, or be Surplus, and hold `samples` times its
// entries; with samples = 0 the number of samples is found, equal for all inputs, and returned. A NumPy array must also
// have the input's shape, apart from axes of length 1, or be flat.
func (d *Data) Match(inputs []InputShape, samples int) ([]Array, int, error) {
	arrays := d.Arrays
	if len(inputs) == 0 && len(arrays) == 1 && len(arrays[0].Values) == 0 {
		arrays = nil // ezkl's form of no inputs: [[]]
	}
	if d.ByName {
		sorted, err := d.byName(inputs)
		if err != nil {
			return nil, 0, err
		}
		arrays = sorted
	}
	arrays = arrays[:len(arrays)-d.Surplus(len(inputs))]
	if len(arrays) != len(inputs) {
		return nil, 0, fmt.Errorf("%s: %s, the model wants %s", d.Name, plural(len(arrays), "input"), describe(inputs))
	}
	n := samples
	for i := range arrays {
		a, in := &arrays[i], inputs[i]
		size, have := in.size(), len(a.Values)
		wrong := func() error {
			return fmt.Errorf("%s: input %d (%s) has %s, the model wants %d (%v)", d.Name, i, printable(in.Name),
				plural(have, "value"), size*max(n, 1), in.Dims)
		}
		if size == 0 && have == 0 {
			continue
		}
		if n == 0 {
			if size == 0 || have == 0 || have%size != 0 {
				return nil, 0, fmt.Errorf("%s: input %d (%s) has %s, not a multiple of the model's %d (%v)", d.Name, i,
					printable(in.Name), plural(have, "value"), size, in.Dims)
			}
			n = have / size
		}
		if have != n*size {
			return nil, 0, wrong()
		}
		if a.Shape != nil && !fits(a.Shape, in.Dims, n) {
			return nil, 0, fmt.Errorf("%s: input %d (%s) has shape %v, the model wants %v", d.Name, i, printable(in.Name), a.Shape, in.Dims)
		}
	}
	if n == 0 {
		n = 1
	}
	return arrays, n, nil
}

// Surplus is how many arrays follow those of a network's inputs: input.json files hold arrays of inputs that the exporter
// dropped. Match leaves them out, as ezkl does; whoever calls it should say so.
func (d *Data) Surplus(inputs int) int {
	if d.ByName || len(d.Arrays) < inputs || inputs == 0 {
		return 0
	}
	return len(d.Arrays) - inputs
}

func (d *Data) byName(inputs []InputShape) ([]Array, error) {
	out := make([]Array, len(inputs))
	used := 0
	for i, in := range inputs {
		found := false
		for _, a := range d.Arrays {
			if a.Name == in.Name {
				out[i], found = a, true
				used++
				break
			}
		}
		if !found {
			var have []string
			for _, a := range d.Arrays {
				have = append(have, printable(a.Name))
			}
			return nil, fmt.Errorf("%s: no array %q, it has: %s", d.Name, printable(in.Name), strings.Join(have, ", "))
		}
	}
	if used != len(d.Arrays) {
		return nil, fmt.Errorf("%s: %s, the model wants %s", d.Name, plural(len(d.Arrays), "array"), describe(inputs))
	}
	return out, nil
}

// fits says whether an array of the given shape holds n samples of an input of the given dims.
func fits(shape, dims []int, n int) bool {
	if len(shape) <= 1 {
		return true
	}
	strip := func(s []int) []int {
		var out []int
		for _, d := range s {
			if d != 1 {
				out = append(out, d)
			}
		}
		return out
	}
	equal := func(a, b []int) bool {
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	want := strip(dims)
	if n == 1 {
		return equal(strip(shape), want)
	}
	if equal(strip(shape), append([]int{n}, want...)) {
		return true
	}
	if len(dims) > 0 { // samples joined along the first axis
		joined := append([]int{n * dims[0]}, dims[1:]...)
		return equal(strip(shape), strip(joined))
	}
	return false
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func describe(inputs []InputShape) string {
	if len(inputs) == 0 {
		return "none"
	}
	var t []string
	for i, in := range inputs {
		if i == 8 {
			t = append(t, "..")
			break
		}
		t = append(t, fmt.Sprintf("%s %v", printable(in.Name), in.Dims))
	}
	return fmt.Sprintf("%d (%s)", len(inputs), strings.Join(t, ", "))
}
