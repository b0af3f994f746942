package toynet

import (
	"fmt"
	"math/rand"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// Dense is a chain of dense layers with ReLU, over a batch, requantised by bits bits. One weight in `sparse` is not 0; every
// second layer's weights are public. It is as large as its parameters: where the prover treats large blocks in ways of their own,
// this circuit reaches them.
func Dense(seed int64, batch, width, depth, bits, sparse int) (*Net, error) {
	n := &Net{C: &circuit.Circuit{}, names: map[string]int{}}
	rng := rand.New(rand.NewSource(seed))
	half := int64(1) << (bits - 1)
	relu := n.block("relu", circuit.Fixed, 0, half-1, int(2*half))
	for i := range n.Values[relu] {
		n.Values[relu][i] = max(int64(i)-half, 0)
	}
	n.C.Tables = []circuit.Table{{Name: "relu", Lo: -half, Size: int(2 * half), Out: relu}, {Name: "r", Lo: -half, Size: int(2 * half), Out: circuit.None}}
	n.C.KeyTables = []circuit.Table{{Name: "k", Lo: -16, Size: 32, Out: circuit.None}}
	x := n.block("x", circuit.Column, 0, 0, batch, width)
	for i := range n.Values[x] {
		n.Values[x][i] = rng.Int63n(2*half) - half
	}
	n.C.Inputs = []int{x}
	n.Lookups = []circuit.Lookup{{In: x, Out: circuit.None, Table: 1}}
	limit := min(15, 2*half/int64(width)-1) // so that no quotient leaves the table
	if limit < 1 {
		return nil, fmt.Errorf("toynet: %d bits are too few for a width of %d", bits, width)
	}
	for d := range depth {
		role, key := circuit.Private, 0
		if d%2 == 1 {
			role, key = circuit.Fixed, circuit.None
		}
		w := n.block(fmt.Sprint("w", d), role, -16, 15, width, width)
		n.C.Blocks[w].KeyTable = key
		for i := range n.Values[w] {
			if rng.Intn(sparse) == 0 {
				n.Values[w][i] = rng.Int63n(2*limit+1) - limit
			}
		}
		q, r, y := n.block(fmt.Sprint("q", d), circuit.Column, 0, 0, batch, width), n.block(fmt.Sprint("r", d), circuit.Column, 0, 0, batch, width), n.block(fmt.Sprint("y", d), circuit.Column, 0, 0, batch, width)
		for b := range batch {
			for o := range width {
				acc := int64(0)
				for k := range width {
					acc += n.Values[w][o*width+k] * n.Values[x][b*width+k]
				}
				at := b*width + o
				n.Values[q][at] = (acc + half) >> bits
				n.Values[r][at] = acc - n.Values[q][at]<<bits
				n.Values[y][at] = max(n.Values[q][at], 0)
			}
		}
		n.Lookups = append(n.Lookups, circuit.Lookup{In: q, Out: y, Table: 0}, circuit.Lookup{In: r, Out: circuit.None, Table: 1})
		n.C.Relations = append(n.C.Relations, circuit.Relation{
			Name: fmt.Sprint("layer", d), Letters: letters(batch, width, width), Out: lt{0, 1},
			LHS: expr(lt{0, 1}, term(2*half, q, 0, 1), term(1, r, 0, 1)),
			Sum: []circuit.Contraction{{Inner: lt{2}, A: expr(lt{0, 2}, term(1, x, 0, 2)), B: ptr(expr(lt{1, 2}, term(1, w, 1, 2)))}},
		})
		x = y
	}
	return n, layout.Arrange(n.C, n.Lookups)
}
