package formats

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxArray is the largest number of entries of one NumPy array.
const maxArray = 1 << 26

func parseNPYData(name string, data []byte) (*Data, error) {
	a, err := parseNPY(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if i := notFinite(a); i >= 0 {
		return nil, fmt.Errorf("%s: entry %d is %v, want a finite number", name, i, a.Values[i].Float())
	}
	a.at = "array"
	return &Data{Name: name, Arrays: []Array{*a}}, nil
}

// parseNPZ reads an archive of arrays. Arrays that np.savez named by itself (arr_0, arr_1, ..) are taken in order, others
// by name.
func parseNPZ(name string, data []byte) (*Data, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: damaged archive: %w", name, err)
	}
	if len(z.File) > 1<<10 {
		return nil, fmt.Errorf("%s: %d arrays, at most %d are read", name, len(z.File), 1<<10)
	}
	d := &Data{Name: name}
	seen := map[string]bool{}
	var total uint64
	for _, f := range z.File {
		array, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok || seen[array] {
			return nil, fmt.Errorf("%s: %q in it is no array, or is there twice", name, printable(f.Name))
		}
		seen[array] = true
		if total += f.UncompressedSize64; f.UncompressedSize64 > MaxJSON || total > MaxJSON {
			return nil, fmt.Errorf("%s: arrays of more than %d bytes", name, MaxJSON)
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: array %s: %w", name, printable(array), err)
		}
		raw, err := io.ReadAll(io.LimitReader(r, int64(f.UncompressedSize64)+1))
		r.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: array %s: damaged: %w", name, printable(array), err)
		}
		a, err := parseNPY(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: array %s: %w", name, printable(array), err)
		}
		if i := notFinite(a); i >= 0 {
			return nil, fmt.Errorf("%s: array %s: entry %d is %v, want a finite number", name, printable(array), i, a.Values[i].Float())
		}
		a.Name, a.at = array, printable(array)
		d.Arrays = append(d.Arrays, *a)
	}
	if !positional(d) {
		d.ByName = true
	}
	return d, nil
}

// positional sorts arrays arr_0, arr_1, .. and reports whether there are no others.
func positional(d *Data) bool {
	index := func(name string) int {
		t, ok := strings.CutPrefix(name, "arr_")
		i, err := strconv.Atoi(t)
		if !ok || err != nil || i < 0 || strconv.Itoa(i) != t {
			return -1
		}
		return i
	}
	for _, a := range d.Arrays {
		if index(a.Name) < 0 {
			return false
		}
	}
	slices.SortFunc(d.Arrays, func(a, b Array) int { return index(a.Name) - index(b.Name) })
	for i, a := range d.Arrays {
		if index(a.Name) != i {
			return false
		}
	}
	return true
}

func notFinite(a *Array) int {
	return slices.IndexFunc(a.Values, func(v Value) bool {
		f := v.Float()
		return math.IsNaN(f) || math.IsInf(f, 0)
	})
}

// npyHeader is the header of an array: its element type (such as <f4), its order and its shape.
type npyHeader struct {
	descr   string
	fortran bool
	shape   []int
}

// parseNPY reads one array of real numbers, integers or booleans.
func parseNPY(data []byte) (*Array, error) {
	h, body, err := npyHead(data)
	if err != nil {
		return nil, err
	}
	n := 1
	for _, d := range h.shape {
		if d < 0 || d > maxArray || d > 0 && n > maxArray/d {
			return nil, fmt.Errorf("shape %v: more than %d entries", h.shape, maxArray)
		}
		n *= d
	}
	var order binary.ByteOrder = binary.LittleEndian
	if strings.HasPrefix(h.descr, ">") {
		order = binary.BigEndian
	}
	kind := strings.TrimLeft(h.descr, "<>|=")
	read, size := npyElement(kind, order)
	if read == nil {
		return nil, fmt.Errorf("element type %q: want float16, float32, float64, an integer type or bool", printable(h.descr))
	}
	if len(body) != n*size {
		return nil, fmt.Errorf("shape %v of %s needs %d bytes, the file has %d", h.shape, kind, n*size, len(body))
	}
	a := &Array{Shape: h.shape, Values: make([]Value, n)}
	at := fortranIndex(h)
	for i := range a.Values {
		j := i
		if at != nil {
			j = at(i)
		}
		v, err := read(body[j*size : (j+1)*size])
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		a.Values[i] = v
	}
	return a, nil
}

// fortranIndex maps a row-major index to the place in a column-major file; nil where they agree.
func fortranIndex(h *npyHeader) func(int) int {
	if !h.fortran || len(h.shape) < 2 {
		return nil
	}
	return func(i int) int {
		j, stride := 0, 1
		for _, d := range h.shape {
			stride *= d
		}
		for axis := len(h.shape) - 1; axis >= 0; axis-- {
			d := h.shape[axis]
			stride /= d
			j += i % d * stride
			i /= d
		}
		return j
	}
}

func npyElement(kind string, order binary.ByteOrder) (func([]byte) (Value, error), int) {
	exact := func(f func([]byte) int64) func([]byte) (Value, error) {
		return func(b []byte) (Value, error) { return IntValue(f(b)), nil }
	}
	switch kind {
	case "f2":
		return func(b []byte) (Value, error) { return RealValue(float16(order.Uint16(b))), nil }, 2
	case "f4":
		return func(b []byte) (Value, error) { return RealValue(float64(math.Float32frombits(order.Uint32(b)))), nil }, 4
	case "f8":
		return func(b []byte) (Value, error) { return RealValue(math.Float64frombits(order.Uint64(b))), nil }, 8
	case "b1":
		return func(b []byte) (Value, error) {
			if b[0] > 1 {
				return Value{}, fmt.Errorf("byte %d is no boolean", b[0])
			}
			return BoolValue(b[0] == 1), nil
		}, 1
	case "i1":
		return exact(func(b []byte) int64 { return int64(int8(b[0])) }), 1
	case "i2":
		return exact(func(b []byte) int64 { return int64(int16(order.Uint16(b))) }), 2
	case "i4":
		return exact(func(b []byte) int64 { return int64(int32(order.Uint32(b))) }), 4
	case "i8":
		return exact(func(b []byte) int64 { return int64(order.Uint64(b)) }), 8
	case "u1":
		return exact(func(b []byte) int64 { return int64(b[0]) }), 1
	case "u2":
		return exact(func(b []byte) int64 { return int64(order.Uint16(b)) }), 2
	case "u4":
		return exact(func(b []byte) int64 { return int64(order.Uint32(b)) }), 4
	case "u8":
		return func(b []byte) (Value, error) {
			v := order.Uint64(b)
			if v > math.MaxInt64 {
				return Value{}, fmt.Errorf("%d is above the largest signed 64-bit integer", v)
			}
			return IntValue(int64(v)), nil
		}, 8
	}
	return nil, 0
}

// float16 is the value of an IEEE half.
func float16(b uint16) float64 {
	sign, exp, frac := 1.0, int(b>>10&31), float64(b&1023)
	if b>>15 == 1 {
		sign = -1
	}
	switch exp {
	case 0:
		return sign * math.Ldexp(frac, -24)
	case 31:
		if frac != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

// npyHead splits an array file into its header and its data.
func npyHead(data []byte) (*npyHeader, []byte, error) {
	const magic = "\x93NUMPY"
	if len(data) < 10 || string(data[:6]) != magic {
		return nil, nil, fmt.Errorf("no NumPy array")
	}
	size, start := int(binary.LittleEndian.Uint16(data[8:])), 10
	if major := data[6]; major == 2 || major == 3 {
		if len(data) < 12 {
			return nil, nil, fmt.Errorf("the header is cut off")
		}
		size, start = int(binary.LittleEndian.Uint32(data[8:])), 12
	} else if major != 1 {
		return nil, nil, fmt.Errorf("version %d of the NumPy format is unknown", major)
	}
	if size < 0 || size > 1<<16 || size > len(data)-start {
		return nil, nil, fmt.Errorf("the header is cut off")
	}
	h, err := parseNPYHeader(string(data[start : start+size]))
	if err != nil {
		return nil, nil, err
	}
	return h, data[start+size:], nil
}

// parseNPYHeader reads the Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
func parseNPYHeader(text string) (*npyHeader, error) {
	bad := fmt.Errorf("unreadable header %q", printable(strings.TrimSpace(text)))
	rest := strings.TrimSpace(text)
	eat := func(t string) bool {
		rest = strings.TrimLeft(rest, " ")
		var ok bool
		rest, ok = strings.CutPrefix(rest, t)
		return ok
	}
	quoted := func() (string, bool) {
		if !eat("'") {
			return "", false
		}
		t, after, ok := strings.Cut(rest, "'")
		rest = after
		return t, ok
	}
	if !eat("{") {
		return nil, bad
	}
	h := &npyHeader{}
	seen := map[string]bool{}
	for !eat("}") {
		key, ok := quoted()
		if !ok || seen[key] || !eat(":") {
			return nil, bad
		}
		seen[key] = true
		switch key {
		case "descr":
			if h.descr, ok = quoted(); !ok {
				return nil, fmt.Errorf("a structured array: want plain numbers")
			}
		case "fortran_order":
			if h.fortran = eat("True"); !h.fortran && !eat("False") {
				return nil, bad
			}
		case "shape":
			if !eat("(") {
				return nil, bad
			}
			h.shape = []int{}
			for !eat(")") {
				rest = strings.TrimLeft(rest, " ")
				end := 0
				for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
					end++
				}
				d, err := strconv.Atoi(rest[:end])
				if err != nil || len(h.shape) >= 32 {
					return nil, bad
				}
				h.shape = append(h.shape, d)
				rest = rest[end:]
				if !eat(",") && !strings.HasPrefix(strings.TrimLeft(rest, " "), ")") {
					return nil, bad
				}
			}
		default:
			return nil, bad
		}
		if !eat(",") && !strings.HasPrefix(strings.TrimLeft(rest, " "), "}") {
			return nil, bad
		}
	}
	if strings.TrimSpace(rest) != "" || !seen["descr"] || !seen["fortran_order"] || !seen["shape"] {
		return nil, bad
	}
	return h, nil
}
