package graph

import (
	"fmt"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// controls are the operators with subgraphs. Their bodies see the names around them.
var controls map[string]func(e *expander, s *scope) []*Value

func init() {
	controls = map[string]func(e *expander, s *scope) []*Value{"If": expandIf, "Loop": expandLoop, "Scan": expandScan,
		"ai.onnx.preview.FlexAttention": expandFlex}
}

// subgraph is an attribute that holds a graph, with a scope for its initialisers: what all uses of it share.
func (e *expander) subgraph(name string, s *scope) (*Source, *scope) {
	sub, ok := e.n.Attrs[name].(*Source)
	if !ok {
		e.failf("attribute %s is missing", name)
	}
	e.check(e.b.read(len(sub.Consts)))
	shared := &scope{values: map[string]*Value{}, parent: s}
	for name, t := range sub.Consts {
		shared.values[name] = &Value{Name: e.n.Name + "/" + name, Type: t.Type, Shape: t.Shape, Const: t}
	}
	inner := *sub
	inner.Consts, inner.Opsets = nil, s.opsets
	return &inner, shared
}

// inline puts a subgraph's nodes in place, with values for its inputs, and returns its outputs.
func (e *expander) inline(sub *Source, shared *scope, prefix string, in []*Value) []*Value {
	if len(in) != len(sub.Inputs) {
		e.failf("its body has %d inputs, want %d", len(sub.Inputs), len(in))
	}
	e.check(e.b.count())
	e.check(e.b.read(len(in)))
	s := &scope{values: map[string]*Value{}, parent: shared, prefix: prefix}
	for i, v := range in {
		s.values[sub.Inputs[i].Name] = v
	}
	listed := len(e.b.unsupported)
	outs, err := e.b.body(sub, s)
	e.check(err)
	if slices.Contains(outs, nil) {
		if len(e.b.unsupported) == listed {
			e.failf("its body has an output that nothing makes")
		}
		first := e.b.unsupported[listed]
		e.b.unsupported = e.b.unsupported[:listed]
		reason := fmt.Sprintf("its body has %q (%s)", first.Name, first.Op)
		if first.Reason != "" {
			reason += ", " + first.Reason
		}
		e.fail(unsupported{reason})
	}
	return outs
}

// expandIf puts the branch that a constant condition chooses in place; both where the condition is data, which chooses between
// their outputs. What only the other branch would do (a division by zero) is then done all the same.
func expandIf(e *expander, s *scope) []*Value {
	cond := e.in(0)
	if tensor.Size(cond.Shape) != 1 {
		e.failf("its condition has shape %v", cond.Shape)
	}
	branch := func(name string) []*Value {
		sub, shared := e.subgraph(name, s)
		if len(sub.Outputs) < len(e.n.Outputs) {
			e.failf("its %s gives %d outputs", name, len(sub.Outputs))
		}
		return e.inline(sub, shared, e.n.Name+"/", nil)
	}
	if cond.Const != nil {
		if cond.Const.Float(0) != 0 {
			return branch("then_branch")
		}
		return branch("else_branch")
	}
	yes, no := branch("then_branch"), branch("else_branch")
	outs := make([]*Value, len(e.n.Outputs))
	cond = e.reshape(cond)
	for i := range outs {
		a, b := yes[i], no[i]
		if a.sequence || b.sequence || a.Type != b.Type || !tensor.SameShape(a.Shape, b.Shape) {
			e.unsupported("its condition is data, and its branches give %v %v and %v %v", a.Type, a.Shape, b.Type, b.Shape)
		}
		outs[i] = e.op("Where", nil, cond, a, b)
	}
	return outs
}

// stack joins the tensors that the steps of a loop give, along a new axis.
func (e *expander) stack(parts []*Value, axis int64) *Value {
	if len(parts) == 0 {
		e.unsupported("a loop of no steps that gives a list")
	}
	if axis < 0 {
		axis += int64(len(parts[0].Shape)) + 1
	}
	for i, v := range parts {
		parts[i] = e.op("Unsqueeze", nil, v, e.ints(int(axis)))
	}
	return e.concat(int(axis), parts...)
}

// expandLoop unrolls a loop whose number of steps is constant: its trip count, and its condition after each step.
func expandLoop(e *expander, s *scope) []*Value {
	sub, shared := e.subgraph("body", s)
	constant := func(v *Value, what string) (int64, bool) {
		if v == nil {
			return 0, false
		}
		if v.Const == nil || v.Const.Len() != 1 || v.Const.Type.IsFloat() {
			e.unsupported("its %s depends on data", what)
		}
		return v.Const.Ints[0], true
	}
	trip, limited := constant(e.n.In(0), "trip count")
	if limited && trip > maxUnrolled {
		e.unsupported("%d steps", trip)
	}
	cond, given := constant(e.n.In(1), "condition")
	going := !given || cond != 0
	var states []*Value
	for i := 2; i < len(e.n.Inputs); i++ {
		states = append(states, e.in(i))
	}
	if len(sub.Outputs) < 1+len(states) {
		e.failf("its body gives %d outputs for %d states", len(sub.Outputs), len(states))
	}
	lists := make([][]*Value, len(sub.Outputs)-1-len(states))
	for step := int64(0); going && (!limited || step < trip); step++ {
		if step == maxUnrolled {
			e.unsupported("more than %d steps", maxUnrolled)
		}
		number := e.constant(tensor.FromInts(tensor.Int64, []int64{step}))
		in := append([]*Value{number, e.constant(tensor.FromInts(tensor.Bool, []int64{1}))}, states...)
		leave := e.eachStep()
		outs := e.inline(sub, shared, fmt.Sprintf("%s/%d/", e.n.Name, step), in)
		leave()
		next, _ := constant(outs[0], "condition")
		going = next != 0
		copy(states, outs[1:])
		for i := range lists {
			lists[i] = append(lists[i], outs[1+len(states)+i])
		}
	}
	outs := states
	for i, list := range lists {
		var v *Value
		if e.n.Out(len(states)+i) != nil {
			v = e.stack(list, 0)
		}
		outs = append(outs, v)
	}
	return outs
}

// expandScan unrolls a scan: one step for each entry of an axis. Below version 9 the first axis is a batch, each of its entries a
// scan of its own, and the second is scanned.
func expandScan(e *expander, s *scope) []*Value {
	m := int(e.n.Attrs.Int("num_scan_inputs", 0))
	if e.n.Opset >= 9 {
		in := make([]*Value, len(e.n.Inputs))
		for i := range in {
			in[i] = e.in(i)
		}
		return e.scan(s, e.n.Name+"/", in, m)
	}
	if e.n.In(0) != nil {
		e.unsupported("lengths of sequences")
	}
	var batches [][]*Value
	for b := 0; b < 1 || b < e.in(1).Shape[0]; b++ {
		var in []*Value
		for i := 1; i < len(e.n.Inputs); i++ {
			v := e.in(i)
			if len(v.Shape) < 1 || v.Shape[0] != e.in(1).Shape[0] || v.Shape[0] == 0 {
				e.failf("input %d of shape %v", i, v.Shape)
			}
			in = append(in, e.pick(v, 0, b))
		}
		batches = append(batches, e.scan(s, fmt.Sprintf("%s/%d/", e.n.Name, b), in, m))
	}
	outs := make([]*Value, len(batches[0]))
	for i := range outs {
		list := make([]*Value, len(batches))
		for b := range list {
			list[b] = batches[b][i]
		}
		if list[0] != nil {
			outs[i] = e.stack(list, 0)
		}
	}
	return outs
}

// scan runs the steps: in are states, and then m tensors that are scanned.
func (e *expander) scan(s *scope, prefix string, in []*Value, m int) []*Value {
	sub, shared := e.subgraph("body", s)
	n := len(in) - m // states
	if m < 1 || n < 0 || len(sub.Outputs) < n {
		e.failf("%d of its %d inputs are scanned, its body gives %d outputs", m, len(in), len(sub.Outputs))
	}
	list := func(name string, i int) int64 {
		if l := e.n.Attrs.Ints(name); i < len(l) {
			return l[i]
		}
		return 0
	}
	steps := -1
	axes := make([]int, m)
	for i := range m {
		v := in[n+i]
		a, err := axis(list("scan_input_axes", i), len(v.Shape))
		e.check(err)
		if steps >= 0 && steps != v.Shape[a] {
			e.failf("it scans axes of lengths %d and %d", steps, v.Shape[a])
		}
		axes[i], steps = a, v.Shape[a]
	}
	if steps > maxUnrolled {
		e.unsupported("%d steps", steps)
	}
	states := slices.Clone(in[:n])
	lists := make([][]*Value, len(sub.Outputs)-n)
	for step := range steps {
		now := slices.Clone(states)
		for i, a := range axes {
			at := step
			if list("scan_input_directions", i) != 0 || list("directions", i) != 0 {
				at = steps - 1 - step
			}
			now = append(now, e.pick(in[n+i], a, at))
		}
		leave := e.eachStep()
		outs := e.inline(sub, shared, fmt.Sprintf("%s%d/", prefix, step), now)
		leave()
		copy(states, outs)
		for i := range lists {
			lists[i] = append(lists[i], outs[n+i])
		}
	}
	outs := states
	for i, parts := range lists {
		var v *Value
		if e.n.Out(n+i) != nil {
			if list("scan_output_directions", i) != 0 {
				slices.Reverse(parts)
			}
			v = e.stack(parts, list("scan_output_axes", i))
		}
		outs = append(outs, v)
	}
	return outs
}
