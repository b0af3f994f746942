package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Messages for tests are put together field by field: num(3, 7) is field 3 with a number, sub(7, ..) a nested message.

func num(field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(v))
}

func str(field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, field, protowire.BytesType), s)
}

func flt(field protowire.Number, v float32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(nil, field, protowire.Fixed32Type), math.Float32bits(v))
}

func sub(field protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), join(parts))
}

func join(parts [][]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// model17 is a model of operator set 17 with the given parts of its graph.
func model17(parts ...[]byte) []byte { return modelOf(17, parts...) }

func modelOf(opset int64, parts ...[]byte) []byte {
	return join([][]byte{num(1, 8), sub(8, num(2, opset)), sub(7, parts...)})
}

// input declares a tensor input; dims below 0 are unknown.
func input(name string, typ int64, dims ...int64) []byte { return valueOf(11, name, typ, dims...) }

func output(name string) []byte { return sub(12, str(1, name)) }

func valueOf(field protowire.Number, name string, typ int64, dims ...int64) []byte {
	var shape [][]byte
	for _, d := range dims {
		if d < 0 {
			shape = append(shape, sub(1))
		} else {
			shape = append(shape, sub(1, num(1, d)))
		}
	}
	return sub(field, str(1, name), sub(2, sub(1, num(1, typ), sub(2, shape...))))
}

// node is one operator: "Add a b -> c" and attributes.
func node(name, op string, ins, outs []string, attrs ...[]byte) []byte {
	parts := [][]byte{str(3, name), str(4, op)}
	for _, s := range ins {
		parts = append(parts, str(1, s))
	}
	for _, s := range outs {
		parts = append(parts, str(2, s))
	}
	return sub(1, append(parts, attrs...)...)
}

func l(s ...string) []string { return s }

func attrOf(name string, kind int64, parts ...[]byte) []byte {
	return sub(5, append([][]byte{str(1, name), num(20, kind)}, parts...)...)
}

// initialiser is a constant with raw data.
func initialiser(name string, typ int64, dims []int64, raw []byte, more ...[]byte) []byte {
	parts := [][]byte{str(8, name), num(2, typ)}
	for _, d := range dims {
		parts = append(parts, num(1, d))
	}
	if raw != nil {
		parts = append(parts, sub(9, raw))
	}
	return sub(5, append(parts, more...)...)
}

func rawFloats(v ...float32) []byte {
	b := []byte{}
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func rawInts(v ...int64) []byte {
	b := []byte{}
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, uint64(x))
	}
	return b
}
