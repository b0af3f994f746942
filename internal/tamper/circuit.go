package tamper

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Edited is a changed circuit.
type Edited struct {
	Operator, Field string
	Make            func() *circuit.Circuit
}

// clone copies a circuit as deep as the edits below change it.
func clone(c *circuit.Circuit) *circuit.Circuit {
	d, err := circuit.Decode(c.Encode())
	if err != nil { // a circuit that is not well-formed is copied flat: it is about to be refused
		flat := *c
		return &flat
	}
	return d
}

// Circuits lists other circuits in the place of c: weaker by a relation, an interval or a table's rows; renamed; with other
// coefficients or geometry. Most are well-formed; Defects are those that are not.
func Circuits(c *circuit.Circuit) []Edited {
	var out []Edited
	edit := func(operator, field string, f func(c *circuit.Circuit)) {
		out = append(out, Edited{operator, field, func() *circuit.Circuit {
			d := clone(c)
			f(d)
			return d
		}})
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		field := "block " + b.Name
		edit("rename", field, func(c *circuit.Circuit) { c.Blocks[i].Name += "'" })
		if b.Role == circuit.Public {
			edit("widen", field, func(c *circuit.Circuit) { c.Blocks[i].Hi = 2*max(c.Blocks[i].Hi, 1) + 1 })
			edit("narrow", field, func(c *circuit.Circuit) { c.Blocks[i].Hi = c.Blocks[i].Lo })
		}
	}
	for i := range c.Tables {
		field := "table " + c.Tables[i].Name
		edit("shift", field, func(c *circuit.Circuit) { c.Tables[i].Lo++ })
		if c.Tables[i].Out == circuit.None {
			edit("widen", field, func(c *circuit.Circuit) { c.Tables[i].Size *= 2 })
		}
	}
	for i := range c.KeyTables {
		edit("shift", "key table "+c.KeyTables[i].Name, func(c *circuit.Circuit) { shiftKeyTable(c, i) })
	}
	for i := range c.Relations {
		field := "relation " + c.Relations[i].Name
		edit("rename", field, func(c *circuit.Circuit) { c.Relations[i].Name += "'" })
		edit("drop", field, func(c *circuit.Circuit) { c.Relations = slices.Delete(c.Relations, i, i+1) })
		edit("duplicate", field, func(c *circuit.Circuit) { c.Relations = append(c.Relations, c.Relations[i]) })
		if len(c.Relations[i].LHS.Terms) > 0 {
			edit("coefficient+1", field, func(c *circuit.Circuit) { c.Relations[i].LHS.Terms[0].Coef++ })
			edit("zero", field, func(c *circuit.Circuit) { c.Relations[i].LHS.Terms[0].Coef = 0 })
		}
		if j := (i + 1) % len(c.Relations); j > i {
			edit("swap", field, func(c *circuit.Circuit) { c.Relations[i], c.Relations[j] = c.Relations[j], c.Relations[i] })
		}
	}
	edit("longer", "rows", func(c *circuit.Circuit) { c.LogRow++ })
	edit("shorter", "rows", func(c *circuit.Circuit) { c.LogRow-- })
	if len(c.Groups) > 0 && len(c.Groups[0]) > 1 {
		edit("split", "groups", func(c *circuit.Circuit) {
			g := c.Groups[0]
			c.Groups = append([][]int{g[:1], g[1:]}, c.Groups[1:]...)
		})
	}
	if len(c.Inputs) > 0 {
		edit("drop", "inputs", func(c *circuit.Circuit) { c.Inputs = c.Inputs[1:] })
	}
	return out
}

// shiftKeyTable moves a key table with the intervals of its blocks.
func shiftKeyTable(c *circuit.Circuit, i int) {
	c.KeyTables[i].Lo--
	for b := range c.Blocks {
		if c.Blocks[b].Role == circuit.Private && c.Blocks[b].KeyTable == i {
			c.Blocks[b].Lo--
			c.Blocks[b].Hi--
		}
	}
}

// TooLarge are well-formed circuits whose tables together are larger than any layout: those of the circuit, those of its key.
var TooLarge = map[string]func(c *circuit.Circuit) *circuit.Circuit{
	"tables": func(c *circuit.Circuit) *circuit.Circuit {
		d := clone(c)
		d.Tables = large(d.Tables)
		return d
	},
	"key tables": func(c *circuit.Circuit) *circuit.Circuit {
		d := clone(c)
		if d.KeyTables = large(d.KeyTables); !slices.ContainsFunc(d.Blocks, func(b circuit.Block) bool { return b.Role == circuit.Private }) {
			d.Tables = large(d.Tables) // no key proof, and no layout for one
		}
		return d
	},
}

func large(list []circuit.Table) []circuit.Table {
	for len(list) < circuit.MaxTables {
		list = append(list, circuit.Table{Size: circuit.MaxTableSize, Out: circuit.None})
	}
	return list
}
