package graph

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Build makes the graph of a source: dimensions bound by variables (an unknown one takes batch_size), nodes in topological
// order, types and shapes inferred, constants folded, Identity and Dropout removed, dead nodes removed. Nodes that nothing
// can evaluate are all listed in one *UnsupportedError. Every other error is one line about the first thing that is wrong.
func Build(src *Source, variables map[string]int) (*Graph, error) {
	g, err := build(src, variables)
	return g, shortened(err)
}

func build(src *Source, variables map[string]int) (*Graph, error) {
	b := &builder{g: &Graph{Name: src.Name, Opset: src.Opsets[""]}, functions: src.Functions, names: map[string]bool{}, made: map[*Value]*Node{}}
	for _, n := range src.Nodes {
		b.names[n.Name] = true
	}
	s := &scope{values: map[string]*Value{}}
	for _, in := range src.Inputs {
		shape, err := bind(in, variables)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", in.Name, err)
		}
		v := &Value{Name: in.Name, Type: in.Type, Shape: shape}
		if s.values[in.Name] != nil {
			return nil, fmt.Errorf("input %q is listed twice", in.Name)
		}
		s.values[in.Name] = v
		if tensor.Size(shape) == 0 { // nodes read it as the constant that it is
			s.values[in.Name] = &Value{Name: in.Name, Type: in.Type, Shape: shape, Const: tensor.New(in.Type, shape...)}
		}
		if err := b.data(v); err != nil {
			return nil, fmt.Errorf("input %q: %w", in.Name, err)
		}
		b.g.Inputs = append(b.g.Inputs, v)
	}
	if len(src.Outputs) == 0 {
		return nil, fmt.Errorf("the model has no outputs")
	}
	listed := map[string]bool{}
	for _, name := range src.Outputs {
		if listed[name] {
			return nil, fmt.Errorf("output %q is listed twice", name)
		}
		listed[name] = true
	}
	outs, err := b.body(src, s)
	if err != nil {
		return nil, err
	}
	if len(b.unsupported) > 0 {
		return nil, &UnsupportedError{Nodes: b.unsupported, Partial: b.g}
	}
	for i, v := range outs {
		if v == nil {
			return nil, fmt.Errorf("output %q depends on an optional output of a node that is not supported", src.Outputs[i])
		}
		if v.sequence {
			return nil, fmt.Errorf("output %q is a sequence of tensors: not supported", src.Outputs[i])
		}
	}
	b.g.Outputs, b.g.OutputNames = outs, src.Outputs
	b.g.removeDead()
	b.g.balance()
	if err := b.g.Check(); err != nil {
		return nil, err
	}
	return b.g, nil
}

// bind gives an input's dimensions their sizes.
func bind(in SourceInput, variables map[string]int) ([]int, error) {
	if in.Unshaped {
		return nil, fmt.Errorf("it has no shape: export the model with fixed or named dimensions")
	}
	if !in.Type.Valid() {
		return nil, fmt.Errorf("its type is not a tensor of a supported element type")
	}
	shape := make([]int, len(in.Dims))
	for i, d := range in.Dims {
		name := d.Name
		if name == "" && d.Size >= 0 {
			shape[i] = d.Size
			continue
		}
		if name == "" {
			name = "batch_size"
		}
		size, ok := variables[name]
		if !ok && i == 0 && strings.HasPrefix(name, "unk__") { // tf2onnx's names of what is unknown
			size, ok = variables["batch_size"]
		}
		if !ok {
			return nil, fmt.Errorf("dimension %d is %q, which has no value: give it with --variables %s->1", i, name, strings.Trim(strconv.Quote(name), `"`))
		}
		if size < 0 {
			return nil, fmt.Errorf("dimension %d is %q, which is %d", i, name, size)
		}
		shape[i] = size
	}
	if _, err := tensor.CheckedSize(shape); err != nil {
		return nil, err
	}
	return shape, nil
}

// scope holds the values by name that a list of nodes sees. A nil value stands for an output of an unsupported node.
type scope struct {
	values map[string]*Value
	parent *scope
	prefix string // of the node names that come from inside a call or branch
	opsets map[string]int
}

func (s *scope) lookup(name string) (*Value, bool) {
	for ; s != nil; s = s.parent {
		if v, ok := s.values[name]; ok {
			return v, true
		}
	}
	return nil, false
}

type builder struct {
	g           *Graph
	functions   map[string]*Function
	names       map[string]bool // node names that are taken or will be
	used        map[string]bool // node names given out
	taken       map[string]span // by name: numbers none of which is free
	ones        []int64
	unsupported []Unsupported
	made        map[*Value]*Node // what makes each value
	depth       int

	nodes, reads, text, entries, multiplied, folded, work int // what limits.go bounds

	role  string         // of what is being built in the body of a loop, by names that all steps share; "" outside
	roles map[string]int // index into g.Steps, by role

	literal bool              // nodes are made as they are: rules for infinite entries do not apply
	nots    map[*Value]*Value // negations of truth values, and
	some    map[someOf]*Value // where any of a row holds, as those rules made them
	spread  map[*Value]*Value // what they expanded, by result
}

// body builds the nodes of a source within a scope and returns its outputs.
func (b *builder) body(src *Source, s *scope) ([]*Value, error) {
	if b.depth++; b.depth > maxNesting {
		return nil, fmt.Errorf("functions or branches are nested more than %d deep", maxNesting)
	}
	defer func() { b.depth-- }()
	s.opsets = src.Opsets
	for name, t := range src.Consts {
		if _, ok := s.values[name]; !ok { // an initialiser of an input's name is only its default
			s.values[name] = &Value{Name: s.prefix + name, Type: t.Type, Shape: t.Shape, Const: t}
		}
	}
	order, err := b.sorted(src, s)
	if err != nil {
		return nil, err
	}
	for _, k := range order {
		if err := b.count(); err != nil {
			return nil, err
		}
		if err := b.node(&src.Nodes[k], src.Opsets, s); err != nil {
			return nil, err
		}
	}
	outs := make([]*Value, len(src.Outputs))
	for i, name := range src.Outputs {
		v, ok := s.lookup(name)
		if !ok {
			return nil, fmt.Errorf("output %q: nothing produces it", name)
		}
		outs[i] = v
	}
	return outs, nil
}

func (n *SourceNode) label() string {
	name := n.Name
	if name == "" && len(n.Outputs) > 0 {
		name = n.Outputs[0]
	}
	return fmt.Sprintf("%q (%s)", name, n.Op)
}

// span is the numbers from..to-1.
type span struct{ from, to int }

// uniqueName is the node's name, or Op_k where it has none or it is taken.
func (b *builder) uniqueName(name, op string) string {
	if b.used == nil {
		b.used, b.taken = map[string]bool{}, map[string]span{}
	}
	if name != "" && !b.used[name] {
		b.used[name] = true
		return name
	}
	base := name
	if base == "" {
		base = op
	}
	from := b.nodes - 1
	k := from
	if r := b.taken[base]; r.from <= from && from < r.to {
		from, k = r.from, r.to
	}
	for ; ; k++ {
		s := base + "_" + strconv.Itoa(k)
		if !b.used[s] && !b.names[s] {
			b.used[s], b.taken[base] = true, span{from, k + 1}
			return s
		}
	}
}

// node adds one node, or what stands in its place.
func (b *builder) node(sn *SourceNode, opsets map[string]int, s *scope) error {
	name := sn.Name
	if name != "" {
		name = s.prefix + name
	}
	n := &Node{Name: b.uniqueName(name, s.prefix+sn.Op), Op: sn.Op, Attrs: sn.Attrs, Opset: opsets[sn.Domain]}
	if n.Attrs == nil {
		n.Attrs = Attrs{}
	}
	for _, name := range []string{BalancedColumns, Precise, OpenRows, Mask, Hidden} {
		if _, own := n.Attrs[name]; own {
			return fmt.Errorf("node %s: attribute %s is not for models", n, name)
		}
	}
	known := true
	for _, name := range sn.Inputs {
		var v *Value
		if name != "" {
			v, _ = s.lookup(name)
			known = known && v != nil
		}
		n.Inputs = append(n.Inputs, v)
	}
	for len(n.Inputs) > 0 && n.Inputs[len(n.Inputs)-1] == nil && known {
		n.Inputs = n.Inputs[:len(n.Inputs)-1]
	}
	for _, name := range sn.Outputs {
		var v *Value
		if name != "" {
			v = &Value{Name: s.prefix + name}
		}
		n.Outputs = append(n.Outputs, v)
	}
	if err := b.named(n); err != nil {
		return err
	}
	back := b.inRole(sn)
	outs, err := b.evaluate(n, s, known)
	back()
	var u unsupported
	if errors.As(err, &u) {
		b.unsupported = append(b.unsupported, Unsupported{n.Name, n.Op, u.reason})
		err, outs = nil, nil
	}
	if err != nil {
		return fmt.Errorf("node %s: %w", n, err)
	}
	if outs == nil { // for reports
		for i, name := range sn.Inputs {
			if i < len(n.Inputs) && n.Inputs[i] == nil && name != "" {
				n.Inputs[i] = &Value{Name: s.prefix + name}
			}
		}
		b.g.Nodes = append(b.g.Nodes, n)
	}
	for i, name := range sn.Outputs {
		if name == "" {
			continue
		}
		s.values[name] = nil
		if i < len(outs) {
			s.values[name] = outs[i]
			b.same("/"+name, outs[i])
		}
	}
	return nil
}

// emit appends a node whose result is data.
func (b *builder) emit(n *Node) error {
	for _, v := range n.Outputs {
		if err := b.data(v); err != nil {
			return err
		}
		b.made[v] = n
	}
	b.g.Nodes = append(b.g.Nodes, n)
	return b.compute(n)
}
