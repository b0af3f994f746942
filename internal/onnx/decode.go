package onnx

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// model decodes a ModelProto.
func (d *decoder) model(b []byte) (*graph.Source, error) {
	var body []byte
	opsets := map[string]int{}
	functions := map[string]*graph.Function{}
	err := fields(b, func(x field) error {
		m, err := x.bytes, error(nil)
		switch x.num {
		case 7:
			if body != nil {
				return errors.New("two graphs")
			}
			body, err = x.message()
		case 8:
			err = opset(m, opsets)
		case 25:
			var name string
			var f *graph.Function
			if name, f, err = d.function(m); err == nil {
				functions[name] = f
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, errors.New("not an ONNX model: it has no graph")
	}
	if v := opsets[""]; v > MaxOpset {
		return nil, readable(v, nil)
	}
	src, err := d.graph(body)
	if err != nil {
		return nil, err
	}
	if err := readable(opsets[""], src.Nodes); err != nil {
		return nil, err
	}
	src.Opsets, src.Functions = opsets, functions
	return src, nil
}

// opset decodes an OperatorSetIdProto.
func opset(b []byte, into map[string]int) error {
	domain, version := "", int64(0)
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			domain, err = x.text()
		case 2:
			version = int64(x.value)
		}
		return err
	})
	if domain == "ai.onnx" {
		domain = ""
	}
	if version < 0 || version > 1<<20 {
		return fmt.Errorf("operator set version %d", version)
	}
	into[domain] = int(version)
	return err
}

// maxDepth bounds graphs inside attributes of nodes inside graphs.
const maxDepth = 32

// graph decodes a GraphProto; a subgraph's Opsets and Functions are its model's.
func (d *decoder) graph(b []byte) (*graph.Source, error) {
	if d.depth++; d.depth > maxDepth {
		return nil, errors.New("subgraphs nested too deeply")
	}
	defer func() { d.depth-- }()
	src := &graph.Source{Consts: map[string]*tensor.Tensor{}}
	var inputs []graph.SourceInput
	err := fields(b, func(x field) error {
		m, err := x.bytes, error(nil)
		switch x.num {
		case 1:
			var n graph.SourceNode
			if n, err = d.node(m); err == nil {
				src.Nodes = append(src.Nodes, n)
			}
		case 2:
			src.Name, err = x.text()
		case 5:
			var name string
			var t *tensor.Tensor
			if name, t, err = d.tensor(m, false); err == nil {
				if src.Consts[name] != nil {
					return fmt.Errorf("tensor %q is listed twice", name)
				}
				src.Consts[name] = t
			}
		case 11:
			var in graph.SourceInput
			if in, err = valueInfo(m); err == nil {
				inputs = append(inputs, in)
			}
		case 12:
			var out graph.SourceInput
			if out, err = valueInfo(m); err == nil || errors.Is(err, errType) {
				src.Outputs, err = append(src.Outputs, out.Name), nil
			}
		case 15:
			return errors.New("sparse initialisers are not supported")
		}
		return err
	})
	for _, in := range inputs { // before IR version 4 initialisers are inputs as well
		if src.Consts[in.Name] == nil {
			if d.depth == 1 && in.Type == tensor.Invalid {
				return nil, fmt.Errorf("input %q: %w", in.Name, errType)
			}
			src.Inputs = append(src.Inputs, in)
		}
	}
	return src, err
}

var errType = errors.New("its type is not a tensor of a supported element type")

// valueInfo decodes a ValueInfoProto. A missing or unsupported type is Invalid.
func valueInfo(b []byte) (graph.SourceInput, error) {
	var in graph.SourceInput
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			in.Name, err = x.text()
		case 2:
			err = fields(x.bytes, func(x field) error {
				if x.num != 1 {
					return nil
				}
				in.Unshaped = true
				return tensorType(x.bytes, &in)
			})
		}
		return err
	})
	return in, err
}

// tensorType decodes a TypeProto.Tensor.
func tensorType(b []byte, in *graph.SourceInput) error {
	return fields(b, func(x field) error {
		switch x.num {
		case 1:
			in.Type = types[int64(x.value)]
		case 2:
			in.Unshaped = false
			return fields(x.bytes, func(x field) error {
				if x.num != 1 {
					return nil
				}
				dim := graph.Dim{Size: -1}
				err := fields(x.bytes, func(x field) (err error) {
					switch x.num {
					case 1:
						if v := int64(x.value); v >= 0 && v <= tensor.MaxSize {
							dim.Size = int(v)
						} else if v > tensor.MaxSize {
							return fmt.Errorf("input %q: axis of length %d", in.Name, v)
						}
					case 2:
						dim.Name, err = x.text()
					}
					return err
				})
				in.Dims = append(in.Dims, dim)
				return err
			})
		}
		return nil
	})
}

// node decodes a NodeProto.
func (d *decoder) node(b []byte) (graph.SourceNode, error) {
	n := graph.SourceNode{Attrs: graph.Attrs{}}
	op := ""
	err := fields(b, func(x field) (err error) {
		var s string
		switch x.num {
		case 1:
			s, err = x.text()
			n.Inputs = append(n.Inputs, s)
		case 2:
			s, err = x.text()
			n.Outputs = append(n.Outputs, s)
		case 3:
			n.Name, err = x.text()
		case 4:
			op, err = x.text()
		case 5:
			var name string
			var v any
			if name, v, err = d.attribute(x.bytes); err == nil && v != nil {
				n.Attrs[name] = v
			}
		case 7:
			n.Domain, err = x.text()
		}
		return err
	})
	if n.Domain == "ai.onnx" {
		n.Domain = ""
	}
	n.Op = graph.FullName(n.Domain, op)
	if op == "" || strings.ContainsFunc(n.Op, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return n, fmt.Errorf("node %q: operator %q", n.Name, n.Op)
	}
	if err != nil {
		return n, fmt.Errorf("node %q (%s): %w", n.Name, n.Op, err)
	}
	return n, nil
}

// Attribute types (AttributeProto.AttributeType).
const (
	attrFloat  = 1
	attrInt    = 2
	attrString = 3
	attrTensor = 4
	attrGraph  = 5
	attrFloats = 6
	attrInts   = 7
	attrTexts  = 8
)

// attribute decodes an AttributeProto. Kinds that no operator here reads are nil.
func (d *decoder) attribute(b []byte) (string, any, error) {
	var name, ref string
	kind := int64(0)
	var f float64
	var i int64
	var s string
	var data []byte
	var t *tensor.Tensor
	var g *graph.Source
	floats, ints, texts := []float64{}, []int64{}, []string{}
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			name, err = x.text()
		case 2:
			f, kind = float64(math.Float32frombits(uint32(x.value))), max(kind, attrFloat)
		case 3:
			i = int64(x.value)
		case 4:
			s, err = x.text()
		case 5:
			data = x.bytes
		case 6:
			g, err = d.graph(x.bytes)
		case 7:
			floats, err = x.float32s(floats)
		case 8:
			ints, err = x.varints(ints)
		case 9:
			var v string
			v, err = x.text()
			texts = append(texts, v)
		case 20:
			kind = int64(x.value)
		case 21:
			ref, err = x.text()
		}
		return err
	})
	if err == nil && data != nil {
		_, t, err = d.tensor(data, name == "membership_values") // of trees: NaN separates its sets
	}
	if err != nil {
		return name, nil, fmt.Errorf("attribute %q: %w", name, err)
	}
	if ref != "" {
		return name, graph.AttrRef(ref), nil
	}
	switch kind {
	case attrFloat:
		if math.IsNaN(f) && name != "replaced_value_float" { // NaN is what an Imputer replaces
			return name, nil, fmt.Errorf("attribute %q is not a number", name)
		}
		return name, f, nil
	case attrInt:
		return name, i, nil
	case attrString:
		return name, s, nil
	case attrTensor:
		if t == nil {
			return name, nil, fmt.Errorf("attribute %q has no tensor", name)
		}
		return name, t, nil
	case attrGraph:
		if g == nil {
			return name, nil, fmt.Errorf("attribute %q has no graph", name)
		}
		return name, g, nil
	case attrFloats:
		return name, floats, nil
	case attrInts:
		return name, ints, nil
	case attrTexts:
		return name, texts, nil
	}
	return name, nil, nil
}

// function decodes a FunctionProto.
func (d *decoder) function(b []byte) (string, *graph.Function, error) {
	f := &graph.Function{Defaults: graph.Attrs{}, Opsets: map[string]int{}}
	var name, domain string
	err := fields(b, func(x field) (err error) {
		var s string
		switch x.num {
		case 1:
			name, err = x.text()
		case 4:
			s, err = x.text()
			f.Inputs = append(f.Inputs, s)
		case 5:
			s, err = x.text()
			f.Outputs = append(f.Outputs, s)
		case 7:
			var n graph.SourceNode
			if n, err = d.node(x.bytes); err == nil {
				f.Nodes = append(f.Nodes, n)
			}
		case 9:
			err = opset(x.bytes, f.Opsets)
		case 10:
			domain, err = x.text()
		case 11:
			var key string
			var v any
			if key, v, err = d.attribute(x.bytes); err == nil && v != nil {
				f.Defaults[key] = v
			}
		}
		return err
	})
	return graph.FullName(domain, name), f, err
}
