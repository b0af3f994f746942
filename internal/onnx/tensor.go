package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// types are ONNX's element types by number (TensorProto.DataType); others have no meaning here.
var types = map[int64]tensor.DType{
	1: tensor.Float32, 2: tensor.UInt8, 3: tensor.Int8, 4: tensor.UInt16, 5: tensor.Int16, 6: tensor.Int32, 7: tensor.Int64,
	9: tensor.Bool, 10: tensor.Float16, 11: tensor.Float64, 12: tensor.UInt32, 13: tensor.UInt64, 16: tensor.BFloat16,
	21: tensor.UInt4, 22: tensor.Int4, 25: tensor.UInt2, 26: tensor.Int2,
}

// typeName names an element type that is not supported.
func typeName(n int64) string {
	names := map[int64]string{0: "undefined", 8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 23: "float4e2m1"}
	if s, ok := names[n]; ok {
		return s
	}
	return fmt.Sprintf("number %d", n)
}

// decoder carries what a file's messages need besides their bytes.
type decoder struct {
	dir      string            // folder of the model, for external data; "" if there is none
	external map[string][]byte // files already read
	depth    int
}

// rawTensor is a TensorProto before its values are put together.
type rawTensor struct {
	name            string
	dims            []int64
	kind            int64
	floats, doubles []float64
	ints            []int64 // int32_data, int64_data or uint64_data
	strings         bool
	raw             []byte
	hasRaw          bool
	location        int64
	external        map[string]string
}

// tensor decodes a TensorProto; separated lists may hold NaN.
func (d *decoder) tensor(b []byte, separated bool) (string, *tensor.Tensor, error) {
	var r rawTensor
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			r.dims, err = x.varints(r.dims)
		case 2:
			r.kind = int64(x.value)
		case 3:
			err = fmt.Errorf("a tensor in segments is not supported")
		case 4:
			r.floats, err = x.float32s(r.floats)
		case 5, 7, 11:
			r.ints, err = x.varints(r.ints)
		case 6:
			r.strings = true
		case 8:
			r.name, err = x.text()
		case 9:
			r.raw, err = x.message()
			r.hasRaw = true
		case 10:
			r.doubles, err = x.float64s(r.doubles)
		case 13:
			err = r.entry(x)
		case 14:
			r.location = int64(x.value)
		}
		return err
	})
	if err == nil {
		var t *tensor.Tensor
		if t, err = d.assemble(&r); err == nil && !separated {
			err = finite(t)
		}
		if err == nil {
			return r.name, t, nil
		}
	}
	return r.name, nil, fmt.Errorf("tensor %q: %w", r.name, err)
}

// entry reads one key and value of external_data.
func (r *rawTensor) entry(x field) error {
	b, err := x.message()
	if err != nil {
		return err
	}
	var key, value string
	err = fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			key, err = x.text()
		case 2:
			value, err = x.text()
		}
		return err
	})
	if r.external == nil {
		r.external = map[string]string{}
	}
	r.external[key] = value
	return err
}

// assemble puts a tensor's values together from whichever field holds them.
func (d *decoder) assemble(r *rawTensor) (*tensor.Tensor, error) {
	t, ok := types[r.kind]
	if !ok || r.strings {
		return nil, fmt.Errorf("element type %s is not supported", typeName(r.kind))
	}
	shape := make([]int, len(r.dims))
	for i, n := range r.dims {
		if n < 0 || n > tensor.MaxSize {
			return nil, fmt.Errorf("axis %d has length %d", i, n)
		}
		shape[i] = int(n)
	}
	n, err := tensor.CheckedSize(shape)
	if err != nil {
		return nil, err
	}
	if r.location == 1 {
		if r.raw, err = d.externalData(r.external); err != nil {
			return nil, err
		}
		r.hasRaw = true
	}
	if r.hasRaw {
		return fromRaw(t, shape, n, r.raw)
	}
	count := func(have int) error {
		if have != n {
			return fmt.Errorf("%d values for shape %v", have, shape)
		}
		return nil
	}
	switch t {
	case tensor.Float32:
		if err := count(len(r.floats)); err != nil {
			return nil, err
		}
		return tensor.FromFloats(t, r.floats, shape...), nil
	case tensor.Float64:
		if err := count(len(r.doubles)); err != nil {
			return nil, err
		}
		return tensor.FromFloats(t, r.doubles, shape...), nil
	case tensor.Float16, tensor.BFloat16: // bit patterns in int32_data
		if err := count(len(r.ints)); err != nil {
			return nil, err
		}
		values := make([]float64, n)
		for i, v := range r.ints {
			values[i] = half(t, uint16(v))
		}
		return tensor.FromFloats(t, values, shape...), nil
	case tensor.Int4, tensor.UInt4, tensor.Int2, tensor.UInt2: // packed bytes in int32_data
		packed := make([]byte, len(r.ints))
		for i, v := range r.ints {
			packed[i] = byte(v)
		}
		return fromRaw(t, shape, n, packed)
	}
	if err := count(len(r.ints)); err != nil {
		return nil, err
	}
	values := make([]int64, n)
	for i, v := range r.ints {
		if t.Wrap(v) != v && t != tensor.Bool {
			return nil, fmt.Errorf("value %d does not fit %v", v, t)
		}
		values[i] = v
	}
	return tensor.FromInts(t, values, shape...), nil
}

// finite refuses NaN, and infinities but for a single number, the bound of a Clip, and minus infinity, which masks hold.
func finite(t *tensor.Tensor) error {
	for i, x := range t.Floats {
		if math.IsNaN(x) || math.IsInf(x, 1) && len(t.Floats) > 1 {
			return fmt.Errorf("entry %d is %v: only finite numbers, and masks of minus infinity, can be proven", i, x)
		}
	}
	return nil
}

// fromRaw reads little-endian raw data.
func fromRaw(t tensor.DType, shape []int, n int, raw []byte) (*tensor.Tensor, error) {
	size, packed := width(t), 0
	want := n * size
	if size == 0 {
		packed = perByte(t)
		want = (n + packed - 1) / packed
	}
	if len(raw) != want {
		return nil, fmt.Errorf("%d bytes of data, shape %v of %v has %d", len(raw), shape, t, want)
	}
	if t.IsFloat() {
		values := make([]float64, n)
		for i := range values {
			switch b := raw[i*size:]; t {
			case tensor.Float32:
				values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
			case tensor.Float64:
				values[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
			default:
				values[i] = half(t, binary.LittleEndian.Uint16(b))
			}
		}
		return tensor.FromFloats(t, values, shape...), nil
	}
	values := make([]int64, n)
	for i := range values {
		switch {
		case size == 0:
			values[i] = t.Wrap(int64(raw[i/packed] >> (8 / packed * (i % packed))))
		case size == 1 && t == tensor.Int8:
			values[i] = int64(int8(raw[i]))
		case size == 1:
			values[i] = int64(raw[i])
		case size == 2:
			values[i] = int64(binary.LittleEndian.Uint16(raw[2*i:]))
		case size == 4:
			values[i] = int64(binary.LittleEndian.Uint32(raw[4*i:]))
		default:
			values[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
		}
		switch t {
		case tensor.Int16:
			values[i] = int64(int16(values[i]))
		case tensor.Int32:
			values[i] = int64(int32(values[i]))
		case tensor.Bool:
			if values[i] > 1 {
				return nil, fmt.Errorf("entry %d of a boolean tensor is %d", i, values[i])
			}
		case tensor.UInt64:
			if values[i] < 0 {
				return nil, fmt.Errorf("entry %d is above 2^63", i)
			}
		}
	}
	return tensor.FromInts(t, values, shape...), nil
}

// perByte is how many elements of a type without whole bytes lie in one, the first in its low bits.
func perByte(t tensor.DType) int {
	if t == tensor.Int2 || t == tensor.UInt2 {
		return 4
	}
	return 2
}

// width is the bytes of an element; 0 for several elements to a byte.
func width(t tensor.DType) int {
	switch t {
	case tensor.Int2, tensor.UInt2, tensor.Int4, tensor.UInt4:
		return 0
	case tensor.Int8, tensor.UInt8, tensor.Bool:
		return 1
	case tensor.Float16, tensor.BFloat16, tensor.Int16, tensor.UInt16:
		return 2
	case tensor.Float32, tensor.Int32, tensor.UInt32:
		return 4
	}
	return 8
}

// half is the value of a 16-bit floating-point pattern.
func half(t tensor.DType, bits uint16) float64 {
	if t == tensor.BFloat16 {
		return float64(math.Float32frombits(uint32(bits) << 16))
	}
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// maxExternal bounds an external data file.
const maxExternal = 1 << 33

// externalData reads a tensor's part of a file beside the model. The path must stay inside the model's folder.
func (d *decoder) externalData(e map[string]string) ([]byte, error) {
	location := e["location"]
	if d.dir == "" {
		return nil, fmt.Errorf("its data lies in the file %q: load the model from its folder", location)
	}
	if location == "" || !filepath.IsLocal(filepath.FromSlash(location)) || strings.Contains(location, "\x00") {
		return nil, fmt.Errorf("external data path %q leaves the model's folder", location)
	}
	file, ok := d.external[location]
	if !ok {
		root, err := os.OpenRoot(d.dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		info, err := root.Stat(filepath.FromSlash(location))
		if err != nil {
			return nil, fmt.Errorf("external data: %w", err)
		}
		if !info.Mode().IsRegular() || info.Size() > maxExternal {
			return nil, fmt.Errorf("external data file %q is no regular file of at most 8 GiB", location)
		}
		if file, err = root.ReadFile(filepath.FromSlash(location)); err != nil {
			return nil, fmt.Errorf("external data: %w", err)
		}
		d.external[location] = file
	}
	offset, length := int64(0), int64(len(file))
	var err error
	if s := e["offset"]; s != "" {
		if offset, err = strconv.ParseInt(s, 10, 64); err != nil || offset < 0 || offset > int64(len(file)) {
			return nil, fmt.Errorf("external data offset %q does not fit the file %q", s, location)
		}
		length -= offset
	}
	if s := e["length"]; s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n > length {
			return nil, fmt.Errorf("external data length %q does not fit the file %q", s, location)
		}
		length = n
	}
	return file[offset : offset+length], nil
}
