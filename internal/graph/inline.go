package graph

import (
	"fmt"
	"slices"
)

// call puts a function's nodes in the place of n.
func (b *builder) call(n *Node, f *Function) ([]*Value, error) {
	s := &scope{values: map[string]*Value{}, prefix: n.Name + "/"}
	if len(n.Inputs) > len(f.Inputs) || len(n.Outputs) > len(f.Outputs) {
		return nil, fmt.Errorf("the function takes %d inputs and gives %d outputs", len(f.Inputs), len(f.Outputs))
	}
	absent := map[string]bool{}
	for i, name := range f.Inputs {
		if v := n.In(i); v != nil {
			s.values[name] = v
		} else {
			absent[name] = true
		}
	}
	src := &Source{Opsets: f.Opsets, Outputs: f.Outputs[:len(n.Outputs)]}
	for _, sn := range f.Nodes {
		if err := b.read(1 + len(sn.Attrs) + len(sn.Inputs)); err != nil {
			return nil, err
		}
		attrs := Attrs{}
		for k, a := range sn.Attrs {
			ref, ok := a.(AttrRef)
			if !ok {
				attrs[k] = a
			} else if v, ok := n.Attrs[string(ref)]; ok {
				attrs[k] = v
			} else if v, ok := f.Defaults[string(ref)]; ok {
				attrs[k] = v
			}
		}
		sn.Attrs = attrs
		sn.Inputs = slices.Clone(sn.Inputs)
		for i, name := range sn.Inputs {
			if absent[name] {
				sn.Inputs[i] = ""
			}
		}
		src.Nodes = append(src.Nodes, sn)
	}
	return b.body(src, s)
}
