// Package toynet has small circuits for the tests of the argument.
//
// New is a small network as a hand-built circuit, with every kind of relation, table and role once. Its values are computed
// by plain loops, not by the witness generator, and can be made wrong at one step with everything after it consistent.
//
// Random is a circuit of random relations, its values computed from the relations' definition by plain loops. Variants
// change a net's lookups, groups and roles.
package toynet

import (
	"math/rand"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/field"
)

// Net is a circuit with the values of all its blocks.
type Net struct {
	C       *circuit.Circuit
	Values  [][]int64
	Lookups []circuit.Lookup
	names   map[string]int
}

// Block is a block's index by name. It panics if there is none.
func (n *Net) Block(name string) int {
	i, ok := n.names[name]
	if !ok {
		panic("toynet: no block " + name)
	}
	return i
}

// Instances is the flat list of all public entries, in the order of the blocks.
func (n *Net) Instances() []fr.Element {
	var out []fr.Element
	for i := range n.C.Blocks {
		if n.C.Blocks[i].Role == circuit.Public {
			out = append(out, field.FromInts(n.Values[i])...)
		}
	}
	return out
}

func (n *Net) block(name string, role circuit.Role, lo, hi int64, dims ...int) int {
	n.C.Blocks = append(n.C.Blocks, circuit.Block{Name: name, Dims: dims, Role: role, Lo: lo, Hi: hi, KeyTable: circuit.None})
	n.Values = append(n.Values, make([]int64, circuit.Count(dims)))
	n.names[name] = len(n.C.Blocks) - 1
	return len(n.C.Blocks) - 1
}

// Dimensions: batch-less grouped convolution of G groups, C channels each, length I, kernel U, O outputs a group.
const (
	G, C, I, U, O = 3, 2, 5, 3, 2
	M             = G * O
)

// letters is a relation's letters by their lengths.
func letters(lens ...int) []circuit.Axis {
	out := make([]circuit.Axis, len(lens))
	for i, n := range lens {
		out[i] = circuit.Axis{Name: string(rune('a' + i)), Len: n}
	}
	return out
}

type lt = []circuit.Letter

func term(coef int64, block int, axes ...circuit.Letter) circuit.Term {
	return circuit.Term{Coef: coef, Block: block, Axes: axes}
}

func expr(l lt, terms ...circuit.Term) circuit.Expr { return circuit.Expr{Letters: l, Terms: terms} }

func ptr(e circuit.Expr) *circuit.Expr { return &e }

// New is the network with random weights and input. arrange sets slots, groups and the row length.
func New(seed int64, arrange func(*circuit.Circuit, []circuit.Lookup) error) (*Net, error) {
	return Wrong(seed, arrange, "")
}

// Wrong is New with a witness that is wrong at one step, one of Steps; everything after that step is computed from it.
func Wrong(seed int64, arrange func(*circuit.Circuit, []circuit.Lookup) error, step string) (*Net, error) {
	n := &Net{C: &circuit.Circuit{}, names: map[string]int{}}
	c := n.C
	pub := n.block("Pub", circuit.Public, -2, 2, I)
	x := n.block("X", circuit.Column, 0, 0, G, C, I)
	w1 := n.block("W1", circuit.Private, -8, 7, G, O, C, U)
	b1 := n.block("b1", circuit.Private, -16, 15, G, O)
	n.block("W3", circuit.Fixed, -3, 3, 4, M)
	reluOut := n.block("relu", circuit.Fixed, 0, 127, 256)
	c.Blocks[w1].KeyTable, c.Blocks[b1].KeyTable = 0, 1
	q1 := n.block("q1", circuit.Column, 0, 0, G, O, I)
	y1 := n.block("y1", circuit.Column, 0, 0, G, O, I)
	r1 := n.block("r1", circuit.Column, 0, 0, G, O, I)
	n.block("sq", circuit.Free, 0, 0, G, O, I)
	n.block("s", circuit.Free, 0, 0, G, O)
	n.block("cut", circuit.Free, 0, 0, G, 2)
	n.block("f", circuit.Free, 0, 0, M)
	n.block("u", circuit.Free, 0, 0, G, O)
	idx := n.block("idx", circuit.Column, 0, 0, 3)
	got := n.block("got", circuit.Column, 0, 0, 3)
	yq := n.block("yq", circuit.Column, 0, 0, G, O) // dynamic table
	n.block("den", circuit.Free, 0, 0, G)
	rem := n.block("rem", circuit.Column, 0, 0, G, O)
	gap := n.block("gap", circuit.Column, 0, 0, G, O)
	n.block("Y", circuit.Public, -100000, 100000, 4)
	n.block("Y2", circuit.Public, -100000, 100000, 3)
	c.Inputs = []int{pub, x, idx}
	c.Tables = []circuit.Table{
		{Name: "s4", Lo: -8, Size: 16, Out: circuit.None},
		{Name: "relu", Lo: -128, Size: 256, Out: reluOut},
		{Name: "r", Lo: -2, Size: 4, Out: circuit.None},
		{Name: "u8", Lo: 0, Size: 256, Out: circuit.None},
		{Name: "yq", Lo: 0, Size: 8, Out: yq, Dynamic: true},
	}
	c.KeyTables = []circuit.Table{{Name: "k4", Lo: -8, Size: 16, Out: circuit.None}, {Name: "k5", Lo: -16, Size: 32, Out: circuit.None}}
	n.Lookups = []circuit.Lookup{
		{In: x, Out: circuit.None, Table: 0}, {In: q1, Out: y1, Table: 1}, {In: r1, Out: circuit.None, Table: 2},
		{In: yq, Out: circuit.None, Table: 3}, {In: idx, Out: got, Table: 4},
		{In: rem, Out: circuit.None, Table: 3}, {In: gap, Out: circuit.None, Table: 3},
	}
	n.relations()
	n.compute(rand.New(rand.NewSource(seed)), step)
	return n, arrange(c, n.Lookups)
}

func (n *Net) relations() {
	none := circuit.None
	b := n.Block
	n.C.Relations = []circuit.Relation{
		{ // letters: g o i | G c u a
			Name: "conv", Letters: letters(G, O, I, G, C, U, I), Out: lt{0, 1, 2},
			LHS: expr(lt{0, 1, 2}, term(4, b("q1"), 0, 1, 2), term(1, b("r1"), 0, 1, 2), term(-1, b("b1"), 0, 1)),
			Sum: []circuit.Contraction{{
				Inner: lt{5, 4, 3, 6}, A: expr(lt{3, 4, 6}, term(1, b("X"), 3, 4, 6)), B: ptr(expr(lt{3, 1, 4, 5}, term(1, b("W1"), 3, 1, 4, 5))),
				R: []circuit.AxisRelation{{Kind: circuit.Same, Letters: lt{0, 3}}, {Kind: circuit.Window, Letters: lt{2, 5, 6}, Params: []int64{1, 1, 1}}},
			}},
		},
		{ // sq = y1 * (y1 + pub + 1)
			Name: "product", Letters: letters(G, O, I, G, O, I), Out: lt{0, 1, 2},
			LHS: expr(lt{0, 1, 2}, term(1, b("sq"), 0, 1, 2)),
			Sum: []circuit.Contraction{{
				Inner: lt{5, 4, 3}, A: expr(lt{3, 4, 5}, term(1, b("y1"), 3, 4, 5)),
				B: ptr(expr(lt{3, 4, 5}, term(1, b("y1"), 3, 4, 5), term(1, b("Pub"), 5), term(1, none))),
				R: []circuit.AxisRelation{{Kind: circuit.Same, Letters: lt{0, 3}}, {Kind: circuit.Same, Letters: lt{1, 4}}, {Kind: circuit.Same, Letters: lt{2, 5}}},
			}},
		},
		{
			Name: "sum", Letters: letters(G, O, I), Out: lt{0, 1}, LHS: expr(lt{0, 1}, term(1, b("s"), 0, 1)),
			Sum: []circuit.Contraction{{Inner: lt{2}, A: expr(lt{0, 1, 2}, term(1, b("y1"), 0, 1, 2))}},
		},
		{ // cut[g,j] = sum_o y1[g,o,1+2j]
			Name: "slice", Letters: letters(G, 2, O, I), Out: lt{0, 1}, LHS: expr(lt{0, 1}, term(1, b("cut"), 0, 1)),
			Sum: []circuit.Contraction{{
				Inner: lt{3, 2}, A: expr(lt{0, 2, 3}, term(1, b("y1"), 0, 2, 3)),
				R: []circuit.AxisRelation{{Kind: circuit.Affine, Letters: lt{1, 3}, Params: []int64{1, 2}}},
			}},
		},
		{ // den[g] - 1 = cut[g,0], through an axis of length 1
			Name: "divisor", Letters: letters(G, 2, 1), Out: lt{0}, LHS: expr(lt{0}, term(1, b("den"), 0), term(-1, none)),
			Sum: []circuit.Contraction{{
				Inner: lt{1, 2}, A: expr(lt{0, 1}, term(1, b("cut"), 0, 1)),
				R: []circuit.AxisRelation{{Kind: circuit.Affine, Letters: lt{2, 1}, Params: []int64{0, 1}}},
			}},
		},
		{ // s = den * yq + rem, 0 <= rem, 0 <= gap = den - 1 - rem
			Name: "quotient", Letters: letters(G, O, G, O), Out: lt{0, 1},
			LHS: expr(lt{0, 1}, term(1, b("s"), 0, 1), term(-1, b("rem"), 0, 1)),
			Sum: []circuit.Contraction{{
				Inner: lt{3, 2}, A: expr(lt{2}, term(1, b("den"), 2)), B: ptr(expr(lt{2, 3}, term(1, b("yq"), 2, 3))),
				R: []circuit.AxisRelation{{Kind: circuit.Same, Letters: lt{0, 2}}, {Kind: circuit.Same, Letters: lt{1, 3}}},
			}},
		},
		{
			Name: "below", Letters: letters(G, O), Out: lt{0, 1},
			LHS: expr(lt{0, 1}, term(1, b("gap"), 0, 1), term(1, b("rem"), 0, 1), term(-1, b("den"), 0), term(1, none)),
		},
		{ // u[g,o] = sum_i y1[g,o,i] pub[i]: a wholly public operand
			Name: "public", Letters: letters(G, O, I), Out: lt{0, 1}, LHS: expr(lt{0, 1}, term(1, b("u"), 0, 1)),
			Sum: []circuit.Contraction{{Inner: lt{2}, A: expr(lt{0, 1, 2}, term(1, b("y1"), 0, 1, 2)), B: ptr(expr(lt{2}, term(1, b("Pub"), 2)))}},
		},
		{
			Name: "flatten", Letters: letters(M, G, O), Out: lt{0}, LHS: expr(lt{0}, term(1, b("f"), 0)),
			Sum: []circuit.Contraction{{
				Inner: lt{2, 1}, A: expr(lt{1, 2}, term(1, b("u"), 1, 2)),
				R: []circuit.AxisRelation{{Kind: circuit.Reshape, Letters: lt{0, 1, 2}, Params: []int64{1}}},
			}},
		},
		{ // Y[p] - 7 = sum_m f[m] W3[p,m] + sum_k got[k]
			Name: "matmul", Letters: letters(4, M, 3), Out: lt{0}, LHS: expr(lt{0}, term(1, b("Y"), 0), term(-7, none)),
			Sum: []circuit.Contraction{
				{Inner: lt{1}, A: expr(lt{1}, term(1, b("f"), 1)), B: ptr(expr(lt{0, 1}, term(1, b("W3"), 0, 1)))},
				{Inner: lt{2}, A: expr(lt{2}, term(1, b("got"), 2))},
			},
		},
		{ // Y2[i] = got[i] + sum_j cut[i,j] - sum_o s[i,o] + sq[i,0,4] by `index`
			Name: "pick", Letters: letters(3, 2, O, O, I, 1), Out: lt{0}, LHS: expr(lt{0}, term(1, b("Y2"), 0), term(-1, b("got"), 0)),
			Sum: []circuit.Contraction{
				{Inner: lt{1}, A: expr(lt{0, 1}, term(1, b("cut"), 0, 1))},
				{Inner: lt{2}, A: expr(lt{0, 2}, term(-1, b("s"), 0, 2))},
				{Inner: lt{3, 4, 5}, A: expr(lt{0, 3, 4}, term(1, b("sq"), 0, 3, 4)),
					R: []circuit.AxisRelation{{Kind: circuit.Index, Letters: lt{5, 4}, Params: []int64{4}}}},
			},
		},
	}
}
