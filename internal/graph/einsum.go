package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var einsumOps = []*Op{
	{Name: "Einsum", MinIn: 1, MaxIn: -1, Infer: inferEinsum, Eval: evalEinsum},
}

// EinsumParams describe an Einsum: every operand's axes and the output's, as numbers of indices; Lengths are the indices'
// lengths. Indices that the output lacks are summed.
type EinsumParams struct {
	Operands [][]int
	Output   []int
	Lengths  []int
}

// EinsumOf resolves an Einsum's equation, ellipses included.
func EinsumOf(n *Node) (EinsumParams, error) {
	var p EinsumParams
	text := strings.ReplaceAll(n.Attrs.String("equation", ""), " ", "")
	bad := fmt.Errorf("equation %q for %d operands", text, len(n.Inputs))
	left, right, explicit := strings.Cut(text, "->")
	terms := strings.Split(left, ",")
	if len(terms) != len(n.Inputs) {
		return p, bad
	}
	// Letters are themselves; axes of an ellipsis count from its end: -1, -2, ..
	dots := 0
	parse := func(term string, rank int) ([]int, error) {
		before, after, ok := strings.Cut(term, "...")
		if strings.Contains(after, ".") || strings.Contains(before, ".") {
			return nil, bad
		}
		var list []int
		for _, r := range before {
			list = append(list, int(r))
		}
		if ok {
			k := dots
			if rank >= 0 {
				k = rank - len(before) - len(after)
				dots = max(dots, k)
			}
			for ; k > 0; k-- {
				list = append(list, -k)
			}
		}
		for _, r := range after {
			list = append(list, int(r))
		}
		for _, r := range list {
			if r >= 0 && !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
				return nil, bad
			}
		}
		if rank >= 0 && len(list) != rank {
			return nil, bad
		}
		return list, nil
	}
	names := map[int]int{} // length of each index
	var order []int
	seen := map[int]int{}
	for i, term := range terms {
		list, err := parse(term, len(n.Inputs[i].Shape))
		if err != nil {
			return p, err
		}
		for a, name := range list {
			d := n.Inputs[i].Shape[a]
			if old, ok := names[name]; !ok {
				order = append(order, name)
				names[name] = d
			} else if old == 1 {
				names[name] = d
			} else if d != old && d != 1 {
				return p, fmt.Errorf("equation %q: lengths %d and %d of one index", text, old, d)
			}
			seen[name]++
		}
		p.Operands = append(p.Operands, list)
	}
	var out []int
	if explicit {
		var err error
		if out, err = parse(right, -1); err != nil {
			return p, err
		}
	} else {
		for k := dots; k > 0; k-- {
			out = append(out, -k)
		}
		var single []int
		for name, count := range seen {
			if name > 0 && count == 1 {
				single = append(single, name)
			}
		}
		slices.Sort(single)
		out = append(out, single...)
	}
	number := map[int]int{}
	for _, name := range order {
		number[name] = len(p.Lengths)
		p.Lengths = append(p.Lengths, names[name])
	}
	used := map[int]bool{}
	for _, name := range out {
		k, ok := number[name]
		if !ok || used[k] {
			return p, bad
		}
		used[k] = true
		p.Output = append(p.Output, k)
	}
	for _, list := range p.Operands {
		for a, name := range list {
			list[a] = number[name]
		}
	}
	return p, nil
}

func inferEinsum(n *Node) error {
	p, err := EinsumOf(n)
	if err != nil {
		return err
	}
	t := arithType(n.Inputs)
	if t == tensor.Bool {
		return fmt.Errorf("operands are bool")
	}
	var shape []int
	for _, k := range p.Output {
		shape = append(shape, p.Lengths[k])
	}
	return n.set(0, t, shape)
}

// evalEinsum runs over all indices: the output's outside, the summed inside.
func evalEinsum(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := EinsumOf(n)
	if err != nil {
		return nil, err
	}
	t := n.Outputs[0].Type
	var sums []int
	for k := range p.Lengths {
		if !slices.Contains(p.Output, k) {
			sums = append(sums, k)
		}
	}
	// strides of every operand over all indices; a repeated index adds up (a diagonal)
	strides := make([][]int, len(in))
	for i, list := range p.Operands {
		strides[i] = make([]int, len(p.Lengths))
		own := tensor.Strides(in[i].Shape)
		for a, k := range list {
			if in[i].Shape[a] != 1 {
				strides[i][k] += own[a]
			}
		}
	}
	pick := func(list []int) (shape []int, str [][]int) {
		str = make([][]int, len(in))
		for _, k := range list {
			shape = append(shape, p.Lengths[k])
			for i := range in {
				str[i] = append(str[i], strides[i][k])
			}
		}
		return shape, str
	}
	outShape, outStr := pick(p.Output)
	sumShape, sumStr := pick(sums)
	y := tensor.New(t, outShape...)
	run := func(shape []int) (n int) {
		if len(shape) == 0 {
			return 1
		}
		return shape[len(shape)-1]
	}
	last := func(str []int) int {
		if len(str) == 0 {
			return 0
		}
		return str[len(str)-1]
	}
	at := make([]int, len(in))
	tensor.Walk(outShape, outStr, func(o int, offs []int) {
		for k := range run(outShape) {
			var f float64
			var v int64
			tensor.Walk(sumShape, sumStr, func(_ int, inner []int) {
				for i := range in {
					at[i] = offs[i] + k*last(outStr[i]) + inner[i]
				}
				for range run(sumShape) {
					if t.IsFloat() {
						term := in[0].Float(at[0])
						for i := 1; i < len(in); i++ {
							term = float64(term * in[i].Float(at[i]))
						}
						f += term
					} else {
						term := in[0].Ints[at[0]]
						for i := 1; i < len(in); i++ {
							term *= in[i].Ints[at[i]]
						}
						v += term
					}
					for i := range in {
						at[i] += last(sumStr[i])
					}
				}
			})
			if t.IsFloat() {
				y.Floats[o+k] = t.Round(f)
			} else {
				y.Ints[o+k] = t.Wrap(v)
			}
		}
	})
	return one(y, nil)
}
