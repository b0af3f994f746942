package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Check verifies what Graph promises: unique node names, order, static shapes of known types, constants that match their
// values, no constant or dead nodes.
func (g *Graph) Check() error {
	known := map[*Value]bool{}
	for _, v := range g.Inputs {
		if v == nil || v.Const != nil || known[v] {
			return fmt.Errorf("graph input %q is missing, constant or twice there", nameOf(v))
		}
		if err := v.check(); err != nil {
			return err
		}
		known[v] = true
	}
	names := map[string]bool{}
	for _, n := range g.Nodes {
		if n.Name == "" || names[n.Name] {
			return fmt.Errorf("node %s: its name is empty or taken", n)
		}
		names[n.Name] = true
		for i, v := range n.Inputs {
			if v == nil {
				continue
			}
			if v.Const == nil && !known[v] {
				return fmt.Errorf("node %s: input %d %q has no value yet", n, i, v.Name)
			}
			if err := v.check(); err != nil {
				return fmt.Errorf("node %s: input %d: %w", n, i, err)
			}
		}
		constant := true
		for i, v := range n.Outputs {
			if v == nil {
				continue
			}
			if known[v] {
				return fmt.Errorf("node %s: output %d %q has a value already", n, i, v.Name)
			}
			if err := v.check(); err != nil {
				return fmt.Errorf("node %s: output %d: %w", n, i, err)
			}
			constant = constant && v.Const != nil
			known[v] = true
		}
		if constant {
			return fmt.Errorf("node %s: all outputs are constant", n)
		}
	}
	if len(g.OutputNames) != len(g.Outputs) {
		return fmt.Errorf("%d names for %d outputs", len(g.OutputNames), len(g.Outputs))
	}
	for i, v := range g.Outputs {
		if v == nil || v.Const == nil && !known[v] {
			return fmt.Errorf("output %q has no value", g.OutputNames[i])
		}
		if err := v.check(); err != nil {
			return fmt.Errorf("output %q: %w", g.OutputNames[i], err)
		}
	}
	if k := g.firstDead(); k >= 0 {
		return fmt.Errorf("node %s: no output needs it", g.Nodes[k])
	}
	return nil
}

func nameOf(v *Value) string {
	if v == nil {
		return ""
	}
	return v.Name
}

func (v *Value) check() error {
	if !v.Type.Valid() {
		return fmt.Errorf("%q has no type", v.Name)
	}
	if _, err := tensor.CheckedSize(v.Shape); err != nil {
		return fmt.Errorf("%q: %w", v.Name, err)
	}
	if c := v.Const; c != nil && (c.Type != v.Type || !tensor.SameShape(c.Shape, v.Shape) || c.Len() != tensor.Size(c.Shape)) {
		return fmt.Errorf("%q is %v %v, its constant %v %v", v.Name, v.Type, v.Shape, c.Type, c.Shape)
	}
	return nil
}

// needed marks the nodes that some output depends on.
func (g *Graph) needed() []bool {
	want := map[*Value]bool{}
	for _, v := range g.Outputs {
		want[v] = true
	}
	live := make([]bool, len(g.Nodes))
	for k := len(g.Nodes) - 1; k >= 0; k-- {
		for _, v := range g.Nodes[k].Outputs {
			live[k] = live[k] || v != nil && want[v]
		}
		if !live[k] {
			continue
		}
		for _, v := range g.Nodes[k].Inputs {
			if v != nil {
				want[v] = true
			}
		}
	}
	return live
}

func (g *Graph) firstDead() int {
	for k, live := range g.needed() {
		if !live {
			return k
		}
	}
	return -1
}

// removeDead drops the nodes that no output needs.
func (g *Graph) removeDead() {
	live := g.needed()
	kept := g.Nodes[:0]
	for k, n := range g.Nodes {
		if live[k] {
			kept = append(kept, n)
		}
	}
	clear(g.Nodes[len(kept):])
	g.Nodes = kept
}
