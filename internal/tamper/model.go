package tamper

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of ONNX's messages that Model changes (onnx.proto).
const (
	modelIR, modelGraph, modelOpset     protowire.Number = 1, 7, 8
	graphNode, graphInitializer         protowire.Number = 1, 5
	graphInput, graphOutput             protowire.Number = 11, 12
	nodeInput, nodeOp, nodeAttribute    protowire.Number = 1, 4, 5
	tensorDims, tensorType, tensorFloat protowire.Number = 1, 2, 4
	tensorRaw                           protowire.Number = 9
	opsetVersion                        protowire.Number = 2
)

// message is a protobuf message in its order: scalars as they are encoded, everything else by its bytes.
type message []messageField

type messageField struct {
	number protowire.Number
	kind   protowire.Type
	value  []byte // without tag and length
}

// parse splits a message; nil if it is none.
func parse(b []byte) message {
	var m message
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil
		}
		b = b[n:]
		k := protowire.ConsumeFieldValue(number, kind, b)
		if k < 0 {
			return nil
		}
		value := b[:k]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		m = append(m, messageField{number, kind, value})
		b = b[k:]
	}
	return m
}

func (m message) bytes() []byte {
	var b []byte
	for _, f := range m {
		b = protowire.AppendTag(b, f.number, f.kind)
		if f.kind == protowire.BytesType {
			b = protowire.AppendVarint(b, uint64(len(f.value)))
		}
		b = append(b, f.value...)
	}
	return b
}

// all are the places of a field.
func (m message) all(number protowire.Number) []int {
	var out []int
	for i := range m {
		if m[i].number == number {
			out = append(out, i)
		}
	}
	return out
}

// with is the message with another value in a place.
func (m message) with(at int, value []byte) message {
	out := slices.Clone(m)
	out[at].value = value
	return out
}

func varint(x uint64) []byte { return protowire.AppendVarint(nil, x) }

// Model lists changes of an ONNX file by its fields: nodes, constants, inputs, outputs and versions. What is no ONNX file has none.
func Model(b []byte) []Mutant {
	model := parse(b)
	graphs := model.all(modelGraph)
	if len(graphs) != 1 {
		return nil
	}
	graph := parse(model[graphs[0]].value)
	var out []Mutant
	whole := func(operator, field string, f func() message) {
		out = append(out, Mutant{Operator: operator, Field: field, Make: func() []byte { return f().bytes() }})
	}
	edit := func(operator, field string, f func() message) {
		whole(operator, field, func() message { return model.with(graphs[0], f().bytes()) })
	}
	for _, at := range model.all(modelIR) {
		whole("other version", "ir_version", func() message { return model.with(at, varint(1000)) })
	}
	for _, at := range model.all(modelOpset) {
		for _, v := range []uint64{1, 6, 1000} {
			whole("other version", fmt.Sprintf("opset %d", v), func() message {
				o := parse(model[at].value)
				for _, i := range o.all(opsetVersion) {
					o = o.with(i, varint(v))
				}
				return model.with(at, o.bytes())
			})
		}
	}
	for name, number := range map[string]protowire.Number{"node": graphNode, "constant": graphInitializer, "input": graphInput, "output": graphOutput} {
		list := graph.all(number)
		for i, at := range list {
			field := fmt.Sprintf("%s %d", name, i)
			next := list[(i+1)%len(list)]
			edit("drop", field, func() message { return slices.Delete(slices.Clone(graph), at, at+1) })
			edit("duplicate", field, func() message { return slices.Insert(slices.Clone(graph), at, graph[at]) })
			if next != at {
				edit("reorder", field, func() message { return graph.with(at, graph[next].value).with(next, graph[at].value) })
			}
			switch number {
			case graphNode:
				nodes(graph[at].value, func(operator string, f func() []byte) {
					edit(operator, field, func() message { return graph.with(at, f()) })
				})
			case graphInitializer:
				constants(graph[at].value, func(operator string, f func() []byte) {
					edit(operator, field, func() message { return graph.with(at, f()) })
				})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Mutant) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	return out
}

// nodes lists changes of a node: its operator, its operands, its attributes.
func nodes(b []byte, add func(operator string, f func() []byte)) {
	n := parse(b)
	for _, at := range n.all(nodeOp) {
		for _, op := range []string{"Relu", "Neg", "Add", "Identity"} {
			if op != string(n[at].value) {
				add("other operator "+op, func() []byte { return n.with(at, []byte(op)).bytes() })
			}
		}
	}
	in := n.all(nodeInput)
	if len(in) > 1 {
		add("swap operands", func() []byte { return n.with(in[0], n[in[1]].value).with(in[1], n[in[0]].value).bytes() })
		add("one operand twice", func() []byte { return n.with(in[1], n[in[0]].value).bytes() })
	}
	if len(in) > 0 {
		add("unknown operand", func() []byte { return n.with(in[0], []byte("nothing")).bytes() })
		add("no operand", func() []byte { return n.with(in[0], nil).bytes() })
	}
	for _, at := range n.all(nodeAttribute) {
		add("drop attribute", func() []byte { return slices.Delete(slices.Clone(n), at, at+1).bytes() })
	}
}

// constants lists changes of a constant of 32-bit floats; of others, those of its shape and type.
func constants(b []byte, add func(operator string, f func() []byte)) {
	t := parse(b)
	for _, at := range t.all(tensorDims) {
		add("other shape", func() []byte { return t.with(at, varint(1<<20)).bytes() })
	}
	const float, double = 1, 11
	isFloat := false
	for _, at := range t.all(tensorType) {
		kind, _ := protowire.ConsumeVarint(t[at].value)
		isFloat = kind == float
		add("other type", func() []byte { return t.with(at, varint(double)).bytes() })
	}
	for _, number := range []protowire.Number{tensorRaw, tensorFloat} {
		for _, at := range t.all(number) {
			v := t[at].value
			if len(v) < 4 {
				continue
			}
			add("truncate", func() []byte { return t.with(at, v[:len(v)-4]).bytes() })
			if !isFloat || len(v)%4 != 0 {
				continue
			}
			last := len(v) - 4
			set := func(operator string, f func(x float32) float32) {
				add(operator, func() []byte {
					x := math.Float32frombits(binary.LittleEndian.Uint32(v[last:]))
					return t.with(at, binary.LittleEndian.AppendUint32(slices.Clone(v[:last]), math.Float32bits(f(x)))).bytes()
				})
			}
			set("+1", func(x float32) float32 { return x + 1 })
			set("negate", func(x float32) float32 { return -x })
			set("zero", func(float32) float32 { return 0 })
			set("infinity", func(float32) float32 { return float32(math.Inf(1)) })
			set("not a number", func(float32) float32 { return float32(math.NaN()) })
			if last >= 4 {
				add("swap", func() []byte { return t.with(at, slices.Concat(v[4:], v[:4])).bytes() })
			}
		}
	}
}
