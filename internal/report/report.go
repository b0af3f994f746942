package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
)

// Report describes a model. Cost is nil where the model does not compile.
type Report struct {
	Supported bool    `json:"supported"`
	Error     string  `json:"error,omitempty"` // of the whole model, where no node is to blame
	Inputs    []Value `json:"inputs"`
	Outputs   []Value `json:"outputs"`
	Nodes     []Node  `json:"nodes"`
	Cost      *Cost   `json:"cost,omitempty"`
}

// Value is a tensor. Scale is log2 of integers per unit, Bits the width of its integers with their sign: both 0 where the
// tensor has no integers of its own.
type Value struct {
	Name  string  `json:"name"`
	Type  string  `json:"type,omitempty"`
	Shape []int   `json:"shape"`
	Scale float64 `json:"scale"`
	Bits  int     `json:"bits"`
}

// Status says whether a circuit can hold a node.
type Status string

const (
	Supported   Status = "yes"
	Unsupported Status = "no"
	Unreached   Status = "-" // it needs what an unsupported node makes
)

// Node is one node of the network.
type Node struct {
	Name    string   `json:"name"`
	Op      string   `json:"op"`
	Status  Status   `json:"supported"`
	Reason  string   `json:"reason,omitempty"` // why it is not supported
	Inputs  []string `json:"inputs"`           // tensors that are no constants
	Outputs []Value  `json:"outputs"`
	// What lowering made of it: the parts of its gadget; entries of the constants, entries that each proof commits, lookups,
	// and bilinear sums.
	Gadget     string `json:"gadget,omitempty"`
	Parameters int    `json:"parameters"`
	Committed  int    `json:"committed"`
	Lookups    int    `json:"lookups"`
	Relations  int    `json:"relations"`
}

// Failed describes a model that could not be read or compiled, from the error that says so. g may be nil.
func Failed(g *graph.Graph, err error) *Report {
	r := &Report{Inputs: []Value{}, Outputs: []Value{}, Nodes: []Node{}}
	blame := map[string]string{}
	var bad *graph.UnsupportedError
	if !errors.As(err, &bad) {
		r.Error = err.Error()
	} else {
		if g == nil {
			g = bad.Partial
		}
		for _, n := range bad.Nodes {
			blame[n.Name] = n.Reason
			if n.Reason == "" {
				blame[n.Name] = "unknown operator"
				if graph.Ops[n.Op] != nil {
					blame[n.Name] = "no circuit for this operator yet"
				}
			}
		}
	}
	lost := map[string]bool{} // tensors that nothing makes
	add := func(n *graph.Node) {
		row := nodeOf(n)
		if reason, ok := blame[n.Name]; ok {
			row.Status, row.Reason = Unsupported, reason
			delete(blame, n.Name)
		} else if slices.ContainsFunc(row.Inputs, func(name string) bool { return lost[name] }) {
			row.Status = Unreached
		}
		if row.Status != Supported {
			for _, o := range row.Outputs {
				lost[o.Name] = true
			}
		}
		r.Nodes = append(r.Nodes, row)
	}
	if g != nil {
		r.Inputs, r.Outputs = values(g.Inputs, nil), values(g.Outputs, nil)
		for _, n := range g.Nodes {
			add(n)
		}
	}
	if bad != nil {
		for _, n := range bad.Nodes { // those that the graph does not have, or has in parts
			if reason, left := blame[n.Name]; left {
				r.Nodes = append(r.Nodes, Node{Name: n.Name, Op: n.Op, Status: Unsupported, Reason: reason, Inputs: []string{}, Outputs: []Value{}})
				delete(blame, n.Name)
			}
		}
	}
	return r
}

// Make describes a compiled model.
func Make(g *graph.Graph, c *lower.Compiled) (*Report, error) {
	cost, err := CostOf(c)
	if err != nil {
		return nil, err
	}
	r := &Report{Supported: true, Inputs: values(g.Inputs, c.Trace.Tensors), Outputs: values(g.Outputs, c.Trace.Tensors), Cost: cost}
	for i := range r.Inputs {
		r.Inputs[i].set(c.Inputs[i].Scale, c.Inputs[i].Lo, c.Inputs[i].Hi)
	}
	for i := range r.Outputs {
		r.Outputs[i].Scale = float64(c.Outputs[i].Scale)
	}
	at := map[string]int{}
	for _, n := range g.Nodes {
		row := nodeOf(n)
		for i, o := range row.Outputs {
			row.Outputs[i].describe(c.Trace.Tensors[o.Name])
		}
		at[n.Name] = len(r.Nodes)
		r.Nodes = append(r.Nodes, row)
	}
	r.count(c, func(block int) *Node {
		owner := c.Trace.Owner[block]
		i, ok := at[owner]
		if !ok { // a step of an unrolled node
			owner, _, _ = strings.Cut(owner, ": step")
			if i, ok = at[owner]; !ok {
				return nil
			}
		}
		return &r.Nodes[i]
	})
	for i := range r.Nodes {
		r.Nodes[i].explain(c.Trace.Tensors)
	}
	return r, nil
}

func nodeOf(n *graph.Node) Node {
	row := Node{Name: n.Name, Op: n.Op, Status: Supported, Inputs: []string{}, Outputs: []Value{}}
	for _, v := range n.Inputs {
		if v != nil && v.Const == nil {
			row.Inputs = append(row.Inputs, v.Name)
		}
	}
	for _, v := range n.Outputs {
		if v != nil {
			row.Outputs = append(row.Outputs, values([]*graph.Value{v}, nil)...)
		}
	}
	return row
}

func values(list []*graph.Value, tensors map[string]lower.Tensor) []Value {
	out := []Value{}
	for _, v := range list {
		x := Value{Name: v.Name, Shape: append([]int{}, v.Shape...)}
		if v.Type.Valid() {
			x.Type = v.Type.String()
		}
		x.describe(tensors[v.Name])
		out = append(out, x)
	}
	return out
}

// describe gives the scale and width of a tensor that lowering kept.
func (v *Value) describe(t lower.Tensor) {
	if t.Unit > 0 && !t.Fused {
		v.Scale = math.Round(-100*math.Log2(t.Unit)) / 100
		v.Bits = width(t.Lo, t.Hi)
	}
}

func (v *Value) set(scale int, lo, hi int64) {
	v.Scale, v.Bits = float64(scale), width(float64(lo), float64(hi))
}

// width is the number of bits, with the sign, that hold [lo, hi].
func width(lo, hi float64) int {
	m := max(-lo, hi+1, 1)
	return int(math.Ceil(math.Log2(m))) + 1
}

// count books every block, lookup and relation at the node that made it.
func (r *Report) count(c *lower.Compiled, owner func(block int) *Node) {
	parts := map[*Node][]string{}
	note := func(n *Node, part string) {
		if part != "" && !slices.Contains(parts[n], part) {
			parts[n] = append(parts[n], part)
		}
	}
	for i := range c.Circuit.Blocks {
		b, n := &c.Circuit.Blocks[i], owner(i)
		if n == nil {
			continue
		}
		size := circuit.Count(b.Dims)
		switch b.Role {
		case circuit.Fixed, circuit.Private:
			if !strings.HasPrefix(b.Name, "table ") {
				n.Parameters += size
			}
		case circuit.Free, circuit.Column:
			n.Committed += size
			if strings.Contains(b.Name, ": requantise") {
				note(n, "requantise")
			}
			if b.Role == circuit.Free {
				note(n, "product")
			}
		}
	}
	for s := range c.Circuit.Slots {
		for _, l := range c.Circuit.Slots[s].Lookups {
			n := owner(l.In)
			if n == nil {
				continue
			}
			n.Lookups += circuit.Count(c.Circuit.Blocks[l.In].Dims)
			t := &c.Circuit.Tables[l.Table]
			if t.Out != circuit.None {
				name, _, _ := strings.Cut(t.Name, " on ")
				note(n, "table "+name)
			} else if t.Name == "bit" {
				note(n, "bits")
			} else {
				note(n, "digits")
			}
		}
	}
	for i := range c.Circuit.Relations {
		rel := &c.Circuit.Relations[i]
		for _, t := range rel.LHS.Terms { // a relation belongs to the block that it determines
			if t.Block == circuit.None || c.Circuit.Blocks[t.Block].Role < circuit.Column {
				continue
			}
			if n := owner(t.Block); n != nil {
				n.Relations++
				break
			}
		}
	}
	for n, list := range parts {
		slices.Sort(list)
		n.Gadget = strings.Join(list, ", ")
	}
}

// explain names what became of a node that made no block.
func (n *Node) explain(tensors map[string]lower.Tensor) {
	if n.Gadget != "" || len(n.Outputs) == 0 {
		return
	}
	t, kept := tensors[n.Outputs[0].Name]
	switch {
	case !kept:
		n.Gadget = "merged with a neighbour"
	case t.Fused:
		n.Gadget = "fused into its consumer"
	default:
		n.Gadget = "free: an affine form or a pending sum"
	}
}

// Counts sums up the nodes: all, supported, unsupported.
func (r *Report) Counts() (all, yes, no int) {
	for _, n := range r.Nodes {
		switch n.Status {
		case Supported:
			yes++
		case Unsupported:
			no++
		}
	}
	return len(r.Nodes), yes, no
}

func (v *Value) dims() string {
	if v.Type == "" {
		return ""
	}
	return fmt.Sprintf("%s%v", v.Type, v.Shape)
}
