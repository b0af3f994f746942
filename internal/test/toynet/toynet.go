// Package toynet is a small network as a hand-built circuit, with every kind of relation, table and role once. Its values
// are computed by plain loops, not by the witness generator: tests of the argument use it as their statement.
package toynet

import (
	"math/rand"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Net is a circuit with the values of all its blocks.
type Net struct {
	C      *circuit.Circuit
	Values [][]int64
	names  map[string]int
}

// Block is a block's index by name.
func (n *Net) Block(name string) int { return n.names[name] }

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

// L is a relation letter by position in its list.
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

// New is the network with random weights and input. arrange sets slots, groups and the row length.
func New(seed int64, arrange func(*circuit.Circuit, []circuit.Lookup) error) (*Net, error) {
	rng := rand.New(rand.NewSource(seed))
	n := &Net{C: &circuit.Circuit{}, names: map[string]int{}}
	c := n.C
	// blocks
	pub := n.block("Pub", circuit.Public, -2, 2, I)
	x := n.block("X", circuit.Column, 0, 0, G, C, I)
	w1 := n.block("W1", circuit.Private, -8, 7, G, O, C, U)
	b1 := n.block("b1", circuit.Private, -16, 15, G, O)
	w3 := n.block("W3", circuit.Fixed, -3, 3, 4, M)
	reluOut := n.block("relu", circuit.Fixed, 0, 127, 256)
	c.Blocks[w1].KeyTable, c.Blocks[b1].KeyTable = 0, 1
	q1 := n.block("q1", circuit.Column, 0, 0, G, O, I)
	y1 := n.block("y1", circuit.Column, 0, 0, G, O, I)
	r1 := n.block("r1", circuit.Column, 0, 0, G, O, I)
	sq := n.block("sq", circuit.Free, 0, 0, G, O, I)
	s := n.block("s", circuit.Free, 0, 0, G, O)
	cut := n.block("cut", circuit.Free, 0, 0, G, 2)
	f := n.block("f", circuit.Free, 0, 0, M)
	u := n.block("u", circuit.Free, 0, 0, G, O)
	idx := n.block("idx", circuit.Column, 0, 0, 3)
	got := n.block("got", circuit.Column, 0, 0, 3)
	yq := n.block("yq", circuit.Column, 0, 0, G, O) // dynamic table
	out := n.block("Y", circuit.Public, -100000, 100000, 4)
	out2 := n.block("Y2", circuit.Public, -100000, 100000, 3)
	c.Inputs = []int{pub, x, idx}
	// tables
	c.Tables = []circuit.Table{
		{Name: "s4", Lo: -8, Size: 16, Out: circuit.None},
		{Name: "relu", Lo: -128, Size: 256, Out: reluOut},
		{Name: "r", Lo: -2, Size: 4, Out: circuit.None},
		{Name: "u8", Lo: 0, Size: 256, Out: circuit.None},
		{Name: "yq", Lo: 0, Size: 8, Out: yq, Dynamic: true},
	}
	c.KeyTables = []circuit.Table{{Name: "k4", Lo: -8, Size: 16, Out: circuit.None}, {Name: "k5", Lo: -16, Size: 32, Out: circuit.None}}
	lookups := []circuit.Lookup{
		{In: x, Out: circuit.None, Table: 0}, {In: q1, Out: y1, Table: 1}, {In: r1, Out: circuit.None, Table: 2},
		{In: yq, Out: circuit.None, Table: 3}, {In: idx, Out: got, Table: 4},
	}
	// values
	draw := func(b int, lo, hi int64) {
		for i := range n.Values[b] {
			n.Values[b][i] = lo + rng.Int63n(hi-lo+1)
		}
	}
	draw(pub, -2, 2)
	draw(x, -8, 7)
	draw(w1, -4, 3)
	draw(b1, -16, 15)
	draw(w3, -3, 3)
	for i := range n.Values[reluOut] {
		n.Values[reluOut][i] = max(int64(i)-128, 0)
	}
	v := n.Values
	for g := range G {
		for o := range O {
			for i := range I {
				acc := v[b1][g*O+o]
				for ch := range C {
					for k := range U {
						if a := i + k - 1; a >= 0 && a < I {
							acc += v[x][(g*C+ch)*I+a] * v[w1][((g*O+o)*C+ch)*U+k]
						}
					}
				}
				at := (g*O+o)*I + i
				v[q1][at] = (acc + 2) >> 2
				v[r1][at] = acc - 4*v[q1][at]
				v[y1][at] = max(v[q1][at], 0)
				v[sq][at] = v[y1][at] * (v[y1][at] + v[pub][i] + 1)
				v[s][g*O+o] += v[y1][at]
				v[u][g*O+o] += v[y1][at] * v[pub][i]
			}
			v[yq][g*O+o] = v[s][g*O+o] / 4 % 256
			v[f][g*O+o] = v[u][g*O+o]
			for j := range 2 {
				v[cut][g*2+j] += v[y1][(g*O+o)*I+1+2*j]
			}
		}
	}
	for i := range v[idx] {
		j := rng.Intn(M)
		v[idx][i] = int64(j/O*2 + j%O)
		v[got][i] = v[yq][j]
	}
	for p := range 4 {
		v[out][p] = 7
		for m := range M {
			v[out][p] += v[w3][p*M+m] * v[f][m]
		}
		for i := range 3 {
			v[out][p] += v[got][i]
		}
	}
	for i := range 3 {
		v[out2][i] = v[got][i] + v[cut][i*2] - v[s][i*O]
	}
	n.relations(pub, x, w1, b1, w3, q1, y1, r1, sq, s, cut, f, u, got, out, out2)
	// yq = s div 4 is not stated by a relation: only its range is; the argument's tests do not need it determined
	return n, arrange(c, lookups)
}

func (n *Net) relations(pub, x, w1, b1, w3, q1, y1, r1, sq, s, cut, f, u, got, out, out2 int) {
	none := circuit.None
	n.C.Relations = []circuit.Relation{
		{ // letters: g o i | G c u a
			Name: "conv", Letters: letters(G, O, I, G, C, U, I), Out: lt{0, 1, 2},
			LHS: expr(lt{0, 1, 2}, term(4, q1, 0, 1, 2), term(1, r1, 0, 1, 2), term(-1, b1, 0, 1)),
			Sum: []circuit.Contraction{{
				Inner: lt{5, 4, 3, 6}, A: expr(lt{3, 4, 6}, term(1, x, 3, 4, 6)), B: ptr(expr(lt{3, 1, 4, 5}, term(1, w1, 3, 1, 4, 5))),
				R: []circuit.AxisRelation{{Kind: circuit.Same, Letters: lt{0, 3}}, {Kind: circuit.Window, Letters: lt{2, 5, 6}, Params: []int64{1, 1, 1}}},
			}},
		},
		{ // sq = y1 * (y1 + pub + 1)
			Name: "product", Letters: letters(G, O, I, G, O, I), Out: lt{0, 1, 2},
			LHS: expr(lt{0, 1, 2}, term(1, sq, 0, 1, 2)),
			Sum: []circuit.Contraction{{
				Inner: lt{5, 4, 3}, A: expr(lt{3, 4, 5}, term(1, y1, 3, 4, 5)),
				B: ptr(expr(lt{3, 4, 5}, term(1, y1, 3, 4, 5), term(1, pub, 5), term(1, none))),
				R: []circuit.AxisRelation{{Kind: circuit.Same, Letters: lt{0, 3}}, {Kind: circuit.Same, Letters: lt{1, 4}}, {Kind: circuit.Same, Letters: lt{2, 5}}},
			}},
		},
		{
			Name: "sum", Letters: letters(G, O, I), Out: lt{0, 1}, LHS: expr(lt{0, 1}, term(1, s, 0, 1)),
			Sum: []circuit.Contraction{{Inner: lt{2}, A: expr(lt{0, 1, 2}, term(1, y1, 0, 1, 2))}},
		},
		{ // cut[g,j] = sum_o y1[g,o,1+2j]
			Name: "slice", Letters: letters(G, 2, O, I), Out: lt{0, 1}, LHS: expr(lt{0, 1}, term(1, cut, 0, 1)),
			Sum: []circuit.Contraction{{
				Inner: lt{3, 2}, A: expr(lt{0, 2, 3}, term(1, y1, 0, 2, 3)),
				R: []circuit.AxisRelation{{Kind: circuit.Affine, Letters: lt{1, 3}, Params: []int64{1, 2}}},
			}},
		},
		{ // u[g,o] = sum_i y1[g,o,i] pub[i]: a wholly public operand
			Name: "public", Letters: letters(G, O, I), Out: lt{0, 1}, LHS: expr(lt{0, 1}, term(1, u, 0, 1)),
			Sum: []circuit.Contraction{{Inner: lt{2}, A: expr(lt{0, 1, 2}, term(1, y1, 0, 1, 2)), B: ptr(expr(lt{2}, term(1, pub, 2)))}},
		},
		{
			Name: "flatten", Letters: letters(M, G, O), Out: lt{0}, LHS: expr(lt{0}, term(1, f, 0)),
			Sum: []circuit.Contraction{{
				Inner: lt{2, 1}, A: expr(lt{1, 2}, term(1, u, 1, 2)),
				R: []circuit.AxisRelation{{Kind: circuit.Reshape, Letters: lt{0, 1, 2}, Params: []int64{1}}},
			}},
		},
		{ // Y[p] - 7 = sum_m f[m] W3[p,m] + sum_k got[k]
			Name: "matmul", Letters: letters(4, M, 3), Out: lt{0}, LHS: expr(lt{0}, term(1, out, 0), term(-7, none)),
			Sum: []circuit.Contraction{
				{Inner: lt{1}, A: expr(lt{1}, term(1, f, 1)), B: ptr(expr(lt{0, 1}, term(1, w3, 0, 1)))},
				{Inner: lt{2}, A: expr(lt{2}, term(1, got, 2))},
			},
		},
		{ // Y2[i] = got[i] + cut[i,0] - s[i,0]: linear pieces by `index` and `affine`
			Name: "pick", Letters: letters(3, 2, O), Out: lt{0}, LHS: expr(lt{0}, term(1, out2, 0), term(-1, got, 0)),
			Sum: []circuit.Contraction{
				{Inner: lt{1}, A: expr(lt{0, 1}, term(1, cut, 0, 1)), R: []circuit.AxisRelation{}, B: nil},
				{Inner: lt{2}, A: expr(lt{0, 2}, term(-1, s, 0, 2)), R: []circuit.AxisRelation{}, B: nil},
			},
		},
	}
	v := n.Values // pick sums whole rows
	for i := range 3 {
		v[out2][i] = v[got][i] + v[cut][i*2] + v[cut][i*2+1] - v[s][i*O] - v[s][i*O+1]
	}
}

func ptr(e circuit.Expr) *circuit.Expr { return &e }
