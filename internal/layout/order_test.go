package layout_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// TestForEVMOrders: the circuit for contracts has the same relations and lookups, in an order that does not depend on how they come.
func TestForEVMOrders(t *testing.T) {
	for seed := range int64(20) {
		n, err := toynet.Random(seed, 4)
		if err != nil {
			t.Fatal(err)
		}
		e, err := layout.ForEVM(n.C)
		if err != nil {
			t.Fatal(err)
		}
		again, err := layout.ForEVM(e)
		if err != nil {
			t.Fatal(err)
		}
		if e.Digest() != again.Digest() {
			t.Errorf("seed %d: arranged twice it is another circuit", seed)
		}
		list := func(c *circuit.Circuit) (relations, lookups []string) {
			for i := range c.Relations {
				relations = append(relations, fmt.Sprintf("%+v", []any{c.Relations[i].Letters, c.Relations[i].LHS, len(c.Relations[i].Sum)}))
			}
			for i := range c.Slots {
				for _, l := range c.Slots[i].Lookups {
					lookups = append(lookups, fmt.Sprint(l))
				}
			}
			slices.Sort(relations)
			slices.Sort(lookups)
			return relations, lookups
		}
		r1, l1 := list(n.C)
		r2, l2 := list(e)
		if !slices.Equal(r1, r2) || !slices.Equal(l1, l2) {
			t.Errorf("seed %d: other relations or lookups", seed)
		}
	}
}

// TestForEVMRuns: steps of one form lie side by side, in aligned runs, and their relations in the same order.
func TestForEVMRuns(t *testing.T) {
	const steps = 6
	c := &circuit.Circuit{Tables: []circuit.Table{{Name: "range", Lo: -128, Size: 256, Out: circuit.None}}}
	c.LogRow = circuit.MinLogRow
	add := func(name string, dims ...int) int {
		c.Blocks = append(c.Blocks, circuit.Block{Name: name, Dims: dims, Role: circuit.Column, KeyTable: circuit.None})
		b := len(c.Blocks) - 1
		c.Slots = append(c.Slots, circuit.Slot{Lookups: []circuit.Lookup{{In: b, Out: circuit.None, Table: 0}}})
		c.Groups = append(c.Groups, []int{b})
		return b
	}
	expr := func(b int, letters ...circuit.Letter) circuit.Expr {
		return circuit.Expr{Letters: letters, Terms: []circuit.Term{{Coef: 1, Block: b, Axes: letters}}}
	}
	x := add("x", 5)
	c.Inputs = []int{x}
	var out []int
	for range steps { // y = x * x, then z = y
		y, z := add("y", 5), add("z", 5)
		same := []circuit.AxisRelation{{Kind: circuit.Same, Letters: []circuit.Letter{0, 1}}}
		letters := []circuit.Axis{{Name: "i", Len: 5}, {Name: "j", Len: 5}}
		b := expr(x, 1)
		c.Relations = append(c.Relations,
			circuit.Relation{Name: "square", Letters: letters, Out: []circuit.Letter{0}, LHS: expr(y, 0),
				Sum: []circuit.Contraction{{Inner: []circuit.Letter{1}, A: expr(x, 1), B: &b, R: same}}},
			circuit.Relation{Name: "copy", Letters: letters, Out: []circuit.Letter{0}, LHS: expr(z, 0),
				Sum: []circuit.Contraction{{Inner: []circuit.Letter{1}, A: expr(y, 1), R: same}}})
		out = append(out, y)
		x = z
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	e, err := layout.ForEVM(c)
	if err != nil {
		t.Fatal(err)
	}
	l, err := layout.New(e)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if e.Relations[i].Name != "square" {
			t.Errorf("relation %d is %q", i, e.Relations[i].Name)
		}
		if b := e.Relations[i].LHS.Terms[0].Block; b != out[i] || l.At[b] != l.At[out[0]]+8*i {
			t.Errorf("relation %d defines block %d at %d", i, b, l.At[b])
		}
	}
	if l.At[out[0]]%32 != 0 {
		t.Errorf("the first run begins at %d", l.At[out[0]])
	}
}
