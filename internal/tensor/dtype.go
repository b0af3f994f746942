package tensor

import (
	"fmt"
	"math"
)

var dtypeNames = [...]string{
	"invalid", "float32", "float64", "float16", "bfloat16",
	"int2", "int4", "int8", "int16", "int32", "int64", "uint2", "uint4", "uint8", "uint16", "uint32", "uint64", "bool",
}

// String is the type's name, such as "float32".
func (d DType) String() string {
	if int(d) < len(dtypeNames) {
		return dtypeNames[d]
	}
	return fmt.Sprintf("dtype(%d)", uint8(d))
}

// IsInt reports whether the type is a signed or unsigned integer (not bool).
func (d DType) IsInt() bool { return d >= Int2 && d <= UInt64 }

// Valid reports whether d is one of the types above, other than Invalid.
func (d DType) Valid() bool { return d > Invalid && d <= Bool }

// Round is x rounded to the nearest value of a floating type, ties to even. Values beyond the type's range become infinite.
func (d DType) Round(x float64) float64 {
	switch d {
	case Float32:
		return float64(float32(x))
	case Float16:
		return roundBits(x, 11, -24, 65504)
	case BFloat16:
		return roundBits(x, 8, -133, math.Float64frombits(0x47EFE00000000000))
	}
	return x
}

// roundBits rounds x to prec significant bits, no bit below 2^minExp, and infinity above max.
func roundBits(x float64, prec, minExp int, max float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	_, e := math.Frexp(x) // |x| in [2^(e-1), 2^e)
	ulp := e - prec
	if ulp < minExp {
		ulp = minExp
	}
	y := math.Ldexp(math.RoundToEven(math.Ldexp(x, -ulp)), ulp)
	if math.Abs(y) > max {
		return math.Inf(int(math.Copysign(1, x)))
	}
	return y
}

// Wrap is v reduced to the range of an integer type, as two's complement arithmetic wraps; for Bool, 1 unless v is 0.
func (d DType) Wrap(v int64) int64 {
	switch d {
	case Int2:
		return v << 62 >> 62
	case Int4:
		return v << 60 >> 60
	case Int8:
		return int64(int8(v))
	case Int16:
		return int64(int16(v))
	case Int32:
		return int64(int32(v))
	case UInt2:
		return v & 3
	case UInt4:
		return v & 15
	case UInt8:
		return int64(uint8(v))
	case UInt16:
		return int64(uint16(v))
	case UInt32:
		return int64(uint32(v))
	case Bool:
		if v != 0 {
			return 1
		}
	}
	return v
}

// FromFloat is x as a value of an integer type: cut towards zero, then wrapped; NaN and values beyond int64 saturate. For
// Bool it is 0 or 1.
func (d DType) FromFloat(x float64) int64 {
	if d == Bool {
		if x != 0 {
			return 1
		}
		return 0
	}
	x = math.Trunc(x)
	switch {
	case math.IsNaN(x):
		return d.Wrap(math.MinInt64)
	case x >= 1<<63:
		return d.Wrap(math.MaxInt64)
	case x < -1<<63:
		return d.Wrap(math.MinInt64)
	}
	return d.Wrap(int64(x))
}
