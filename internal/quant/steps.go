package quant

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Steps joins the tensors that are to have one scale, so that constants that several of them meet are committed once:
//
//   - those that are the same in each step of a loop or recurrent layer (graph.Graph.Steps);
//   - the operands of products with the same weights, and their results;
//   - results of the same operator, with the same attributes and constants, of operands that are joined.
//
// It lists classes of two tensors or more, by name.
func Steps(g *graph.Graph) [][]string {
	c := &classes{up: map[*graph.Value]*graph.Value{}}
	for _, list := range g.Steps {
		for _, v := range list[1:] {
			c.join(list[0], v)
		}
	}
	c.sharedWeights(g)
	if len(c.up) == 0 {
		return nil
	}
	c.congruent(g)
	return c.list(g)
}

// classes is a union-find forest of tensors.
type classes struct{ up map[*graph.Value]*graph.Value }

func (c *classes) root(v *graph.Value) *graph.Value {
	for {
		w, ok := c.up[v]
		if !ok {
			return v
		}
		if x, ok := c.up[w]; ok {
			c.up[v] = x
		}
		v = w
	}
}

// join makes two classes one; it reports whether they were two.
func (c *classes) join(v, w *graph.Value) bool {
	v, w = c.root(v), c.root(w)
	if v == w {
		return false
	}
	c.up[w] = v
	return true
}

// sharedWeights joins what is multiplied by the same matrix.
func (c *classes) sharedWeights(g *graph.Graph) {
	type use struct {
		weights *tensor.Tensor
		op      string
	}
	first := map[use]*graph.Node{}
	for _, n := range g.Nodes {
		switch n.Op {
		case "MatMul", "Gemm", "Conv", "ConvTranspose":
		default:
			continue
		}
		x, w := n.In(0), n.In(1)
		if x == nil || w == nil || x.Const != nil || w.Const == nil || len(w.Shape) < 2 {
			continue
		}
		u := use{w.Const, n.Op}
		if first[u] == nil {
			first[u] = n
			continue
		}
		c.join(first[u].Inputs[0], x)
		c.join(first[u].Outputs[0], n.Outputs[0])
	}
}

// maxPasses bounds the passes of congruent: each joins what the joins of the one before it make alike.
const maxPasses = 4

// congruent joins the results of nodes that do the same to joined operands.
func (c *classes) congruent(g *graph.Graph) {
	fixed := make([]string, len(g.Nodes)) // all of a node but its operands
	for i, n := range g.Nodes {
		fixed[i] = describe(n)
	}
	for range maxPasses {
		first := map[string]*graph.Node{}
		some := false
		for i, n := range g.Nodes {
			var key strings.Builder
			key.WriteString(fixed[i])
			for _, v := range n.Inputs {
				if v != nil && v.Const == nil {
					fmt.Fprintf(&key, " %p%v", c.root(v), v.Shape)
				}
			}
			m := first[key.String()]
			if m == nil {
				first[key.String()] = n
				continue
			}
			for k, v := range n.Outputs {
				if w := m.Out(k); v != nil && w != nil {
					some = c.join(w, v) || some
				}
			}
		}
		if !some {
			return
		}
	}
}

// smallConstant is the number of entries up to which constants are compared by their entries, and not only by where they are.
const smallConstant = 64

// describe is a node without the operands that are data.
func describe(n *graph.Node) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %d %d", n.Op, n.Opset, len(n.Outputs))
	names := make([]string, 0, len(n.Attrs))
	for name := range n.Attrs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if t, ok := n.Attrs[name].(*tensor.Tensor); ok {
			fmt.Fprintf(&s, " %s=%p", name, t)
		} else {
			fmt.Fprintf(&s, " %s=%v", name, n.Attrs[name])
		}
	}
	for _, v := range n.Inputs {
		switch {
		case v == nil:
			s.WriteString(" absent")
		case v.Const == nil:
			s.WriteString(" data")
		case v.Const.Len() > smallConstant:
			fmt.Fprintf(&s, " %p", v.Const)
		default:
			fmt.Fprintf(&s, " %v%v%v%v", v.Type, v.Shape, v.Const.Floats, v.Const.Ints)
		}
	}
	return s.String()
}

// list gives the classes by the names of their tensors, in the order in which the network makes them.
func (c *classes) list(g *graph.Graph) [][]string {
	at := map[*graph.Value]int{}
	var all [][]string
	add := func(v *graph.Value) {
		if v == nil {
			return
		}
		r := c.root(v)
		i, known := at[r]
		if !known {
			i = len(all)
			at[r] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], v.Name)
	}
	for _, v := range g.Inputs {
		add(v)
	}
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			add(v)
		}
	}
	return slices.DeleteFunc(all, func(names []string) bool { return len(names) < 2 })
}
