package ezkl

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// typeName is ezkl's name of an element type.
func typeName(t tensor.DType) string {
	switch {
	case t == tensor.Bool:
		return "Bool"
	case t == tensor.Float64:
		return "F64"
	case t == tensor.Float16 || t == tensor.BFloat16:
		return "F16"
	case t == tensor.Float32:
		return "F32"
	case t == tensor.Invalid:
		return "Unknown"
	}
	return "Int"
}

// typeOf is an element type of that name.
func typeOf(name string) tensor.DType {
	for _, t := range []tensor.DType{tensor.Bool, tensor.Float64, tensor.Float16, tensor.Float32} {
		if typeName(t) == name {
			return t
		}
	}
	return tensor.Int64
}

// realTensor is the tensor whose integers on an input's scale are given.
func realTensor(x *formats.IO, ints []int64) *tensor.Tensor {
	t := tensor.New(typeOf(x.Type), x.Dims...)
	for i, v := range ints {
		if t.Type.IsFloat() {
			t.Floats[i] = math.Ldexp(float64(v), -x.Scale)
		} else {
			t.Ints[i] = int64(math.Floor(math.Ldexp(float64(v), -x.Scale) + 0.5))
		}
	}
	return t
}

// integers gives the integers of an array for an input: reals times 2^scale, ties up; field elements as they are. A number
// outside the input's interval saturates or is an error, as the circuit's completeness says.
func integers(d *Data, a *formats.Array, io *formats.IO, completeness string) ([]int64, error) {
	out := make([]int64, len(a.Values))
	for i, v := range a.Values {
		n, err := integer(v, io)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.At(a, i), err)
		}
		switch outside := n < io.Lo || n > io.Hi; {
		case outside && completeness == quant.Clamp:
			n = min(max(n, io.Lo), io.Hi)
		case outside:
			advice := "calibrate with such values, or with a larger --lookup-safety-margin"
			if completeness == quant.Guaranteed {
				advice = "the range that the circuit is made for: calibrate with another --input-range"
			}
			return nil, fmt.Errorf("%s: %v is outside [%s, %s], what input %s may be (%s)",
				d.At(a, i), v.Float(), formats.Decimal(io.Lo, io.Scale), formats.Decimal(io.Hi, io.Scale), io.Name, advice)
		}
		out[i] = n
	}
	return out, nil
}

func integer(v formats.Value, io *formats.IO) (int64, error) {
	if v.Kind == formats.Felt {
		return v.Int(), nil
	}
	if err := suits(v, io.Type, io.Name); err != nil {
		return 0, err
	}
	if v.Kind != formats.Real {
		return shifted(v.Int(), io)
	}
	f := v.Float()
	if io.Type == "F32" {
		f = float64(float32(f))
	}
	q := math.Floor(math.Ldexp(f, io.Scale) + 0.5)
	if !(math.Abs(q) < 1<<62) {
		return 0, fmt.Errorf("%v is too large for input %s", v.Float(), io.Name)
	}
	return int64(q), nil
}

// suits refuses a number that is none of an input's type.
func suits(v formats.Value, kind, input string) error {
	f := v.Float()
	switch {
	case kind == "Bool":
		if v.Kind != formats.Boolean && f != 0 && f != 1 {
			return fmt.Errorf("%v is no boolean, and input %s has booleans (true, false, 1, 0)", f, input)
		}
	case v.Kind == formats.Boolean:
		return fmt.Errorf("a boolean, but input %s has numbers (write 1 or 0)", input)
	case kind == "Int" && v.Kind == formats.Real && (f != math.Trunc(f) || math.Abs(f) >= 1<<63):
		return fmt.Errorf("%v is no integer, and input %s has integers", f, input)
	}
	return nil
}

// shifted is v * 2^scale, ties up.
func shifted(v int64, io *formats.IO) (int64, error) {
	if io.Scale == 0 {
		return v, nil
	}
	q := math.Floor(math.Ldexp(float64(v), io.Scale) + 0.5)
	if math.Abs(q) >= 1<<62 {
		return 0, fmt.Errorf("%d is too large for input %s", v, io.Name)
	}
	return int64(q), nil
}
