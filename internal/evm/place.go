package evm

import (
	"cmp"
	"slices"
)

// chunk is a section of a tape: nodes of one operation, whose results lie side by side. jump: they do not follow the results
// before, and the tape says where they go.
type chunk struct {
	nodes []int
	jump  bool
}

// packing says how results share the memory. Longer sections, and results side by side, take less gas; more memory takes more.
type packing struct {
	piece int // a section of more nodes is made in pieces, so that a later one uses again what an earlier one was the last to read
	sums  int // scheduleBy's
	gap   int // the number of words that are no longer needed, side by side, to which results jump
}

// packings are those of which Compile takes the cheapest that fits.
var packings = []packing{{piece: 1 << 16, gap: 1 << 16}, {piece: 1 << 16, gap: 64}, {piece: 256, gap: 64}, {256, 32, 64}, {128, 8, 32}, {64, 4, 16}}

// results are the words of the contract's memory that hold results.
type results struct {
	until []int // the last section that reads a word, or writes it
	next  int   // the word after the last result
	gap   int   // packing.gap
}

// place gives the nodes of the tapes their words, and says how many there are in all. Words are used again when nothing later
// reads them; those of keep stay to the end. Products are made eight at a time, four, then one at a time: of the last four of a section,
// one that lacks is made and not used.
func (g *graph) place(orders [][]int, keep []ref, how packing) (tapes [][]chunk, words int) {
	var sections [][][]int // of each tape
	last, own, count := make([]int, len(g.nodes)), make([]int, len(g.nodes)), 0
	for _, order := range orders {
		var list [][]int
		for k, i := range order {
			if k == 0 || g.nodes[order[k-1]].op != g.nodes[i].op || len(list[len(list)-1]) == how.piece {
				list = append(list, nil)
				count++
			}
			list[len(list)-1] = append(list[len(list)-1], i)
			own[i], last[i] = count, count
			g.inputs(i, func(j int) {
				if j >= 0 {
					last[j] = count
				}
			})
		}
		sections = append(sections, list)
	}
	for _, r := range keep {
		if r.node >= 0 {
			last[r.node] = count + 1
		}
	}
	m := &results{gap: how.gap}
	s := 0
	for _, list := range sections {
		var tape []chunk
		for _, nodes := range list {
			s++
			g.sortSection(nodes, own, last)
			for len(nodes) > 0 {
				c := g.fill(m, nodes, s, last)
				nodes = nodes[len(c.nodes):]
				tape = append(tape, c)
			}
		}
		tapes = append(tapes, tape)
	}
	return tapes, len(m.until)
}

// sortSection sorts the nodes of a section by the time to which they are needed, so that words side by side become free
// together; after those of the section that they read.
func (g *graph) sortSection(nodes, own, last []int) {
	level := map[int]int{}
	for _, i := range nodes { // what is read comes first
		g.inputs(i, func(j int) {
			if j >= 0 && j != i && own[j] == own[i] {
				level[i] = max(level[i], level[j]+1)
			}
		})
	}
	slices.SortStableFunc(nodes, func(i, j int) int {
		return cmp.Or(cmp.Compare(level[i], level[j]), cmp.Compare(last[j], last[i]))
	})
}

// fill places the first of a section's nodes, as many as fit.
func (g *graph) fill(m *results, nodes []int, s int, last []int) chunk {
	need := 1 // a product that is not used
	for _, i := range nodes {
		need += g.nodes[i].size
	}
	least := max(min(need, m.gap), g.nodes[nodes[0]].size+1)
	at, size := m.next, m.run(m.next, s)
	if size < least {
		if at, size = m.find(max(least, m.gap), s); need < m.gap && m.next+m.run(m.next, s) == len(m.until) {
			at, size = m.next, need // not worth a jump
		}
	}
	c := chunk{jump: at != m.next}
	items := 0
	m.next = at
	for _, i := range nodes {
		n := &g.nodes[i]
		if m.next+n.size+1 > at+size {
			break
		}
		n.word = m.next
		m.write(n.size, last[i])
		items += len(n.items)
		c.nodes = append(c.nodes, i)
	}
	if g.nodes[nodes[0]].op == opMul && items%4 == 3 {
		m.write(1, s)
	}
	return c
}

// write takes the next n words, needed up to a section.
func (m *results) write(n, last int) {
	for range n {
		if m.next == len(m.until) {
			m.until = append(m.until, 0)
		}
		m.until[m.next] = last
		m.next++
	}
}

// run is the number of words, from one on, that section s may write.
func (m *results) run(at, s int) int {
	n := 0
	for at+n < len(m.until) && m.until[at+n] < s {
		n++
	}
	return n
}

// find is the first run of n words that section s may write; where there is none, that after all words in use, which has no end.
func (m *results) find(n, s int) (at, size int) {
	for at < len(m.until) {
		if size = m.run(at, s); size >= n {
			return at, size
		}
		if at+size == len(m.until) {
			break
		}
		at += size + 1
	}
	return at, memoryEnd
}
