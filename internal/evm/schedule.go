package evm

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// scheduleBy is schedule, but makes the sums in their order, so many at a time with what they need, if sums is not 0: shorter
// sections, whose results are sooner no longer needed.
func (g *graph) scheduleBy(tape, sums int, outputs []ref) (order []int) {
	if sums > 0 {
		need := g.needed(outputs)
		var goals []ref
		for i := range need {
			if need[i] && g.nodes[i].op == opSum {
				goals = append(goals, ref{i, 0})
			}
		}
		for list := range slices.Chunk(goals, sums) {
			order = append(order, g.schedule(tape, list)...)
		}
	}
	return append(order, g.schedule(tape, outputs)...)
}

// needed marks the nodes of no tape that the outputs need.
func (g *graph) needed(outputs []ref) []bool {
	need := make([]bool, len(g.nodes))
	var visit func(i int)
	visit = func(i int) {
		if i < 0 || need[i] || g.nodes[i].tape != 0 {
			return
		}
		need[i] = true
		g.inputs(i, visit)
	}
	for _, r := range outputs {
		visit(r.node)
	}
	return need
}

// beam is the number of orders that schedule keeps at a time.
const beam = 12

// order is a beginning of a tape.
type order struct {
	done  []bool
	nodes []int
	left  int // sections that lack, at least
}

// schedule marks what the outputs need for a tape and returns the order of its nodes, in few sections: in each as many of one operation
// as are ready. Section by section, it keeps the beginnings after which the longest chain of operations is the shortest, of these the
// ones of most nodes.
func (g *graph) schedule(tape int, outputs []ref) []int {
	need := g.needed(outputs)
	var list []int
	needs := make([][]int, len(need)) // of the nodes that this tape makes
	for i := range need {
		if need[i] {
			list = append(list, i)
			g.inputs(i, func(j int) {
				if j >= 0 && need[j] {
					needs[i] = append(needs[i], j)
				}
			})
		}
	}
	if len(list) == 0 {
		return nil
	}
	after := g.sectionsFrom(list, needs)
	states := []order{{done: make([]bool, len(need))}}
	for {
		var next []order
		for _, s := range states {
			for op := opMul; op < opJump; op++ {
				if t, ok := g.section(s, op, list, needs); ok {
					for _, i := range list {
						if !t.done[i] {
							t.left = max(t.left, after[i])
						}
					}
					next = append(next, t)
				}
			}
		}
		slices.SortStableFunc(next, func(a, b order) int {
			return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(len(b.nodes), len(a.nodes)))
		})
		next = slices.CompactFunc(next, func(a, b order) bool { return slices.Equal(a.done, b.done) })
		if next[0].left == 0 {
			for _, i := range next[0].nodes {
				g.nodes[i].tape = tape
			}
			return next[0].nodes
		}
		states = next[:min(beam, len(next))]
	}
}

// sectionsFrom is, for each node, the number of sections from its own to that of an output, at least.
func (g *graph) sectionsFrom(list []int, needs [][]int) []int {
	after := make([]int, len(g.nodes))
	var raise func(i, n int)
	raise = func(i, n int) {
		if after[i] >= n {
			return
		}
		after[i] = n
		for _, j := range needs[i] {
			if g.nodes[j].op != g.nodes[i].op {
				raise(j, n+1)
			} else {
				raise(j, n)
			}
		}
	}
	for _, i := range slices.Backward(list) {
		raise(i, 1)
	}
	return after
}

// section is an order with all nodes of an operation that are ready; not ok if there is none.
func (g *graph) section(s order, op int, list []int, needs [][]int) (next order, ok bool) {
	for _, i := range list {
		if g.nodes[i].op != op || next.done == nil && s.done[i] || next.done != nil && next.done[i] {
			continue
		}
		done := s.done
		if next.done != nil {
			done = next.done // what follows in the section may use what it made
		}
		if slices.ContainsFunc(needs[i], func(j int) bool { return !done[j] }) {
			continue
		}
		if next.done == nil {
			next = order{done: slices.Clone(s.done), nodes: slices.Clone(s.nodes)}
		}
		next.done[i] = true
		next.nodes = append(next.nodes, i)
	}
	return next, next.done != nil
}

// inputs calls f with the nodes that a node reads; bases are negative.
func (g *graph) inputs(i int, f func(j int)) {
	for _, it := range g.nodes[i].items {
		for k := range it {
			if it[k].ref != nil {
				f(it[k].ref.node)
			}
		}
	}
}

// tape encodes chunks; resolve gives the byte address of a ref.
func (g *graph) tape(chunks []chunk, resolve func(ref) int) ([]byte, error) {
	zero := addr(g.zero())
	var out []byte
	for _, c := range chunks {
		op := g.nodes[c.nodes[0]].op
		if c.jump {
			at := resolve(ref{c.nodes[0], 0})
			if at>>16 != 0 {
				return nil, ErrTooLarge
			}
			out = append(out, opJump, byte(at>>8), byte(at))
		}
		var items [][]operand
		for _, i := range c.nodes {
			items = append(items, g.nodes[i].items...)
		}
		count := len(items)
		if op == opMul && len(items)%4 == 3 {
			items = append(items, []operand{zero, zero})
			count++
		}
		if count > 0xffff {
			return nil, ErrTooLarge
		}
		out = append(out, byte(op), byte(count>>8), byte(count))
		for _, it := range items {
			for _, f := range it {
				v := f.value
				if f.ref != nil {
					v = uint64(resolve(*f.ref))
				}
				if v>>(8*f.width) != 0 {
					return nil, ErrTooLarge
				}
				var b [8]byte
				binary.BigEndian.PutUint64(b[:], v)
				out = append(out, b[8-f.width:]...)
			}
		}
	}
	return append(out, opEnd), nil
}
