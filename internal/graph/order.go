package graph

import "fmt"

// freeNames calls f for each name that a node reads: its inputs and whatever its subgraphs read from around them. It returns how
// many names it looked at.
func (n *SourceNode) freeNames(depth int, f func(string)) (looked int) {
	looked = 1 + len(n.Inputs) + len(n.Attrs)
	for _, name := range n.Inputs {
		if name != "" {
			f(name)
		}
	}
	for _, a := range n.Attrs {
		sub, ok := a.(*Source)
		if !ok || depth > maxNesting {
			continue
		}
		own := map[string]bool{}
		for _, in := range sub.Inputs {
			own[in.Name] = true
		}
		for name := range sub.Consts {
			own[name] = true
		}
		for i := range sub.Nodes {
			for _, name := range sub.Nodes[i].Outputs {
				own[name] = true
			}
		}
		outer := func(name string) {
			if !own[name] {
				f(name)
			}
		}
		looked += len(sub.Inputs) + len(sub.Consts) + len(sub.Outputs)
		for i := range sub.Nodes {
			looked += len(sub.Nodes[i].Outputs) + sub.Nodes[i].freeNames(depth+1, outer)
		}
		for _, name := range sub.Outputs {
			outer(name)
		}
	}
	return looked
}

// sorted is a topological order of the nodes that the outputs need: the given order where that is one.
func (b *builder) sorted(src *Source, s *scope) ([]int, error) {
	producer := map[string]int{}
	for k, n := range src.Nodes {
		if err := b.read(1 + len(n.Outputs)); err != nil {
			return nil, err
		}
		for _, name := range n.Outputs {
			if name == "" {
				continue
			}
			if _, ok := s.values[name]; ok {
				return nil, fmt.Errorf("node %s: output %q is also an input or initialiser of the graph", n.label(), name)
			}
			if j, ok := producer[name]; ok {
				return nil, fmt.Errorf("tensor %q is produced twice, by node %s and node %s", name, src.Nodes[j].label(), n.label())
			}
			producer[name] = k
		}
	}
	needs := func(k int) (list []int, err error) {
		n := &src.Nodes[k]
		looked := n.freeNames(0, func(name string) {
			if j, ok := producer[name]; ok {
				list = append(list, j)
			} else if _, ok := s.lookup(name); !ok && err == nil {
				err = fmt.Errorf("node %s: input %q is produced by nothing", n.label(), name)
			}
		})
		if err == nil {
			err = b.read(looked)
		}
		return list, err
	}
	live := make([]bool, len(src.Nodes))
	var stack []int
	mark := func(k int) {
		if !live[k] {
			live[k] = true
			stack = append(stack, k)
		}
	}
	for _, name := range src.Outputs {
		if k, ok := producer[name]; ok {
			mark(k)
		}
	}
	lists := make([][]int, len(src.Nodes))
	for len(stack) > 0 {
		k := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		list, err := needs(k)
		if err != nil {
			return nil, err
		}
		lists[k] = list
		for _, j := range list {
			mark(j)
		}
	}
	const (
		open = 1
		done = 2
	)
	state := make([]uint8, len(src.Nodes))
	var order []int
	for k := range src.Nodes {
		if !live[k] || state[k] == done {
			continue
		}
		stack = append(stack[:0], k)
		for len(stack) > 0 {
			j := stack[len(stack)-1]
			if state[j] != 0 && len(lists[j]) == 0 {
				if state[j] == open {
					state[j] = done
					order = append(order, j)
				}
				stack = stack[:len(stack)-1]
				continue
			}
			state[j] = open
			if len(lists[j]) == 0 {
				continue
			}
			i := lists[j][0]
			lists[j] = lists[j][1:]
			switch state[i] {
			case open:
				return nil, fmt.Errorf("the model has a cycle through node %s", src.Nodes[i].label())
			case 0:
				stack = append(stack, i)
			}
		}
	}
	return order, nil
}
