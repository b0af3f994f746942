package toynet

import (
	"maps"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// clone copies what the variants change.
func (n *Net) clone() *Net {
	c := *n.C
	c.Blocks = slices.Clone(c.Blocks)
	c.Relations = slices.Clone(c.Relations)
	c.Tables = slices.Clone(c.Tables)
	return &Net{C: &c, Values: n.Values, Lookups: slices.Clone(n.Lookups), names: n.names}
}

// arranged sets slots and groups anew and keeps at least the given row length.
func (n *Net) arranged(logRow int) (*Net, error) {
	if err := layout.Arrange(n.C, n.Lookups); err != nil {
		return nil, err
	}
	if n.C.LogRow < logRow {
		n.C.LogRow = logRow
	}
	return n, nil
}

// Rows is the net with rows of 2^logRow.
func (n *Net) Rows(logRow int) *Net {
	m := n.clone()
	m.C.LogRow = logRow
	return m
}

// Grouped is the net with its slots in groups of the given sizes, which repeat.
func (n *Net) Grouped(sizes ...int) *Net {
	m := n.clone()
	m.C.Groups = nil
	for at, i := 0, 0; at < len(m.C.Slots); i++ {
		var g []int
		for range sizes[i%len(sizes)] {
			if at < len(m.C.Slots) {
				g = append(g, at)
				at++
			}
		}
		m.C.Groups = append(m.C.Groups, g)
	}
	return m
}

// Single is the net with one lookup in each slot.
func (n *Net) Single() *Net {
	m := n.clone()
	m.C.Slots = nil
	for _, l := range n.Lookups {
		m.C.Slots = append(m.C.Slots, circuit.Slot{Lookups: []circuit.Lookup{l}})
	}
	return m.Grouped(circuit.MaxGroup)
}

// Bilinear is the net with only those relations whose bilinear contractions are all wanted.
func (n *Net) Bilinear(want func(name string) bool) (*Net, error) {
	m := n.clone()
	m.C.Relations = slices.DeleteFunc(m.C.Relations, func(r circuit.Relation) bool {
		return !want(r.Name) && slices.ContainsFunc(r.Sum, func(k circuit.Contraction) bool { return k.B != nil })
	})
	return m.arranged(n.C.LogRow)
}

// WithoutOutputs is the net with range tables in the place of function and dynamic tables.
func (n *Net) WithoutOutputs() (*Net, error) {
	m := n.clone()
	for i := range m.C.Tables {
		m.C.Tables[i].Out, m.C.Tables[i].Dynamic = circuit.None, false
	}
	for i := range m.Lookups {
		if l := &m.Lookups[i]; l.Out != circuit.None {
			m.C.Blocks[l.Out].Role = circuit.Free
			l.Out = circuit.None
		}
	}
	return m.arranged(n.C.LogRow)
}

// WithoutLookups is the net with every looked-up block free.
func (n *Net) WithoutLookups() (*Net, error) {
	m := n.clone()
	for i := range m.C.Blocks {
		if m.C.Blocks[i].Role == circuit.Column {
			m.C.Blocks[i].Role = circuit.Free
		}
	}
	m.C.Tables, m.Lookups, m.C.Inputs = nil, nil, nil
	return m.arranged(n.C.LogRow)
}

// WithoutPrivate is the net with its private constants fixed.
func (n *Net) WithoutPrivate() (*Net, error) {
	m := n.clone()
	for i := range m.C.Blocks {
		if b := &m.C.Blocks[i]; b.Role == circuit.Private {
			b.Role, b.KeyTable = circuit.Fixed, circuit.None
		}
	}
	m.C.KeyTables = nil
	return m.arranged(n.C.LogRow)
}

// With is the net with one more public block, of dims [length], and a relation about it.
func (n *Net) With(name string, length int, relation func(block int) circuit.Relation, value func(i int) int64) (*Net, error) {
	m := n.clone()
	m.Values = slices.Clone(m.Values)
	m.names = maps.Clone(m.names)
	b := m.block(name, circuit.Public, -100000, 100000, length)
	for i := range length {
		m.Values[b][i] = value(i)
	}
	m.C.Relations = append(m.C.Relations, relation(b))
	return m.arranged(n.C.LogRow)
}

// Unlooked is the net with a looked-up block free: its range is not checked.
func (n *Net) Unlooked(block int) (*Net, error) {
	m := n.clone()
	m.C.Blocks[block].Role = circuit.Free
	m.Lookups = slices.DeleteFunc(m.Lookups, func(l circuit.Lookup) bool { return l.In == block })
	m.C.Inputs = slices.DeleteFunc(slices.Clone(m.C.Inputs), func(b int) bool { return b == block })
	return m.arranged(n.C.LogRow)
}

// Hidden is the net with its outputs free: nothing public tells two seeds apart.
func (n *Net) Hidden() (*Net, error) {
	m := n.clone()
	for _, name := range []string{"Y", "Y2"} {
		b := &m.C.Blocks[n.Block(name)]
		b.Role, b.Lo, b.Hi = circuit.Free, 0, 0
	}
	return m.arranged(n.C.LogRow)
}
