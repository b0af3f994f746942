package reference_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

var tau = fr.NewElement(123456789)

// twins proves a net with both provers and the same coins, compares key proof and proof byte for byte, and verifies.
func twins(t *testing.T, n *toynet.Net, kind transcript.Kind) {
	t.Helper()
	lay, err := layout.New(n.C)
	if err != nil {
		t.Fatal(err)
	}
	p := &reference.Prover{Tau: tau, Kind: kind}
	g1, g2 := p.SRS(1<<n.C.LogRow + 1)
	keyLay, err := layout.ForKey(n.C)
	if err != nil {
		t.Fatal(err)
	}
	var keyCoins *prover.Coins
	if keyLay != nil {
		if keyCoins, err = prover.DrawCoins(keyLay); err != nil {
			t.Fatal(err)
		}
	}
	pk, err := prover.Setup(context.Background(), n.C, n.Values, &srs.SRS{G1: g1, TauG2: g2, Unsafe: true}, prover.Options{Coins: keyCoins})
	if err != nil {
		t.Fatal(err)
	}
	values := reference.Field(n.Values)
	key := reference.NewKey(lay, values, pk.Blinders)
	q := &reference.Prover{Tau: tau}
	vk, err := q.Setup(n.C, key, keyCoins)
	if err != nil {
		t.Fatal(err)
	}
	for i := range vk.Rows {
		if !vk.Rows[i].Equal(&pk.VK.Rows[i]) {
			t.Fatalf("key row %d differs", i)
		}
	}
	if at := firstDifference(vk.KeyProof, pk.VK.KeyProof); at >= 0 {
		t.Errorf("key proofs differ from byte %d of %d", at, len(vk.KeyProof))
	}
	coins, err := prover.DrawCoins(lay)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := prover.Prove(context.Background(), pk, g1, n.Values, prover.Options{Coins: coins, Transcript: kind})
	if err != nil {
		t.Fatal(err)
	}
	slow := p.Prove(lay, vk.Digest(), key, values, coins)
	if at := firstDifference(fast, slow.Bytes); at >= 0 {
		t.Errorf("proofs differ from byte %d of %d: %s", at, len(fast), where(slow.Messages, at))
	}
	k, err := verify.NewKey(pk.VK)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Verify(n.Instances(), slow.Bytes, kind); err != nil {
		t.Errorf("the twin's proof: %v", err)
	}
	if err := k.Verify(n.Instances(), fast, kind); err != nil {
		t.Errorf("the prover's proof: %v", err)
	}
}

func firstDifference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return len(a)
}

// where names the message at a byte.
func where(ms []reference.Message, at int) string {
	for _, m := range ms {
		size := 32 * len(m.Values)
		if m.Points {
			size *= 2
		}
		if at < size {
			return m.Label
		}
		at -= size
	}
	return "the end"
}

func TestTwinOnToyNet(t *testing.T) {
	for seed := range int64(2) {
		n, err := toynet.New(seed, layout.Arrange)
		if err != nil {
			t.Fatal(err)
		}
		twins(t, n, transcript.EVM)
	}
}

// net fails the test on an error.
func net(t *testing.T) func(n *toynet.Net, err error) *toynet.Net {
	return func(n *toynet.Net, err error) *toynet.Net {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func TestTwinOnVariants(t *testing.T) {
	ok := net(t)
	base := ok(toynet.New(3, layout.Arrange))
	for _, v := range []struct {
		name string
		n    *toynet.Net
	}{
		{"one group", base.Grouped(8)},
		{"groups of one", base.Grouped(1)},
		{"mixed groups", base.Single().Grouped(2, 1, 3)},
		{"one lookup in each slot", base.Single()},
		{"rows of 2^9", base.Rows(9)},
		{"rows of 2^10", base.Rows(10)},
		{"one bilinear contraction", ok(base.Bilinear(func(name string) bool { return name == "conv" }))},
		{"two bilinear contractions", ok(base.Bilinear(func(name string) bool { return name == "conv" || name == "matmul" }))},
		{"no bilinear contraction", ok(base.Bilinear(func(name string) bool { return false }))},
		{"B public everywhere", ok(base.Bilinear(func(name string) bool { return name == "public" }))},
		{"no table with outputs", ok(base.WithoutOutputs())},
		{"no lookups", ok(base.WithoutLookups())},
		{"no private constants", ok(base.WithoutPrivate())},
	} {
		t.Run(v.name, func(t *testing.T) { twins(t, v.n, transcript.EVM) })
	}
	t.Run("nothing at all", func(t *testing.T) {
		n := ok(ok(base.WithoutLookups()).Bilinear(func(string) bool { return false }))
		n.C.Relations = nil
		twins(t, n, transcript.EVM)
	})
	t.Run("poseidon", func(t *testing.T) { twins(t, base, transcript.Poseidon) })
}

// TestTwinOnRandomCircuits also tests what relations mean: the left sides are computed by plain loops.
func TestTwinOnRandomCircuits(t *testing.T) {
	ok := net(t)
	count := int64(16)
	if full {
		count = 300
	}
	for seed := range count {
		n := ok(toynet.Random(seed, 1+int(seed)%4))
		t.Run(fmt.Sprint(seed), func(t *testing.T) { twins(t, n, transcript.EVM) })
	}
}

// TestTwinOnNetworkOps names what random circuits have anyway.
func TestTwinOnNetworkOps(t *testing.T) {
	type lt = []circuit.Letter
	axes := func(lens ...int) []circuit.Axis {
		out := make([]circuit.Axis, len(lens))
		for i, n := range lens {
			out[i] = circuit.Axis{Name: string(rune('a' + i)), Len: n}
		}
		return out
	}
	block := func(r *circuit.Relation, operand func(...int) int, letters ...circuit.Letter) circuit.Term {
		var dims []int
		for _, l := range letters {
			dims = append(dims, r.Letters[l].Len)
		}
		return circuit.Term{Coef: 1, Block: operand(dims...), Axes: letters}
	}
	expr := func(letters lt, terms ...circuit.Term) circuit.Expr {
		return circuit.Expr{Letters: letters, Terms: terms}
	}
	term := func(coef int64, block int) circuit.Term { return circuit.Term{Coef: coef, Block: block} }
	rel := func(kind circuit.AxisKind, letters lt, params ...int64) circuit.AxisRelation {
		return circuit.AxisRelation{Kind: kind, Letters: letters, Params: params}
	}
	for _, op := range []struct {
		name  string
		build func(r *circuit.Relation, operand func(...int) int)
	}{
		{"matmul ik,kj->ij", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(3, 5, 6), lt{0, 1}
			b := expr(lt{2, 1}, block(r, operand, 2, 1))
			r.Sum = []circuit.Contraction{{Inner: lt{2}, A: expr(lt{0, 2}, block(r, operand, 0, 2)), B: &b}}
		}},
		{"batched matmul with two batch axes", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(2, 3, 3, 2, 5, 2, 3), lt{0, 1, 2, 3} // n h i j | k N H
			b := expr(lt{5, 6, 4, 3}, block(r, operand, 6, 3, 5, 4))
			r.Sum = []circuit.Contraction{{Inner: lt{4, 6, 5}, A: expr(lt{5, 6, 2, 4}, block(r, operand, 5, 6, 2, 4)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Same, lt{0, 5}), rel(circuit.Same, lt{1, 6})}}}
		}},
		{"conv2d, stride 2 and 1, dilation 1 and 2", func(r *circuit.Relation, operand func(...int) int) {
			// n o i j | c u v x y
			r.Letters, r.Out = axes(2, 3, 3, 4, 2, 3, 2, 6, 5), lt{0, 1, 2, 3}
			b := expr(lt{1, 4, 5, 6}, block(r, operand, 1, 4, 5, 6))
			r.Sum = []circuit.Contraction{{Inner: lt{6, 5, 4, 8, 7}, A: expr(lt{0, 4, 7, 8}, block(r, operand, 0, 4, 7, 8)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Window, lt{2, 5, 7}, 2, 1, 1), rel(circuit.Window, lt{3, 6, 8}, 1, 2, 1)}}}
		}},
		{"depthwise conv", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(3, 5, 3, 3, 6), lt{0, 1} // c i | C u x
			b := expr(lt{2, 3}, block(r, operand, 2, 3))
			r.Sum = []circuit.Contraction{{Inner: lt{3, 2, 4}, A: expr(lt{2, 4}, block(r, operand, 2, 4)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Same, lt{0, 2}), rel(circuit.Window, lt{1, 3, 4}, 1, 1, 1)}}}
		}},
		{"grouped conv", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(2, 3, 4, 2, 3, 3, 5), lt{0, 1, 2} // g o i | G c u x
			b := expr(lt{3, 1, 4, 5}, block(r, operand, 3, 1, 4, 5))
			r.Sum = []circuit.Contraction{{Inner: lt{5, 4, 3, 6}, A: expr(lt{3, 4, 6}, block(r, operand, 3, 4, 6)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Same, lt{0, 3}), rel(circuit.Window, lt{2, 5, 6}, 1, 1, 1)}}}
		}},
		{"element-wise product with broadcast terms and a scalar", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(3, 5, 3, 5), lt{0, 1}
			b := expr(lt{2, 3}, block(r, operand, 2), block(r, operand, 3), block(r, operand), circuit.Term{Coef: -2, Block: circuit.None})
			r.Sum = []circuit.Contraction{{Inner: lt{2, 3}, A: expr(lt{2, 3}, block(r, operand, 3, 2), block(r, operand)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Same, lt{0, 2}), rel(circuit.Same, lt{1, 3})}}}
		}},
		{"index, of a bilinear and of a linear contraction", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(5, 3, 6, 4), lt{0}
			b := expr(lt{1}, block(r, operand, 1))
			r.Sum = []circuit.Contraction{
				{Inner: lt{1, 2}, A: expr(lt{1, 2}, block(r, operand, 1, 2)), B: &b, R: []circuit.AxisRelation{rel(circuit.Index, lt{0, 2}, 5, -1, 0, 0, 3)}},
				{Inner: lt{3}, A: expr(lt{3}, block(r, operand, 3)), R: []circuit.AxisRelation{rel(circuit.Index, lt{0, 3}, 3, 2, 1, -1, 3)}},
			}
		}},
		{"reshape of several axes, transposed", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(6, 10, 3, 5, 4), lt{1, 0} // [6, 10] from [3, 5, 4], with the axes of the block in another order
			r.Sum = []circuit.Contraction{{Inner: lt{4, 2, 3}, A: expr(lt{2, 3, 4}, block(r, operand, 4, 2, 3)),
				R: []circuit.AxisRelation{rel(circuit.Reshape, lt{0, 1, 2, 3, 4}, 2)}}}
		}},
		{"reshape before a matmul", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(4, 6, 2, 3), lt{0} // m = (x, y)
			b := expr(lt{0, 1}, block(r, operand, 1, 0))
			r.Sum = []circuit.Contraction{{Inner: lt{1, 3, 2}, A: expr(lt{2, 3}, block(r, operand, 3, 2)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Reshape, lt{1, 2, 3}, 1)}}}
		}},
		{"mean pooling", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(2, 3, 3, 2, 2, 6, 6), lt{0, 1, 2} // c i j | u v x y
			r.Sum = []circuit.Contraction{{Inner: lt{3, 4, 5, 6}, A: expr(lt{0, 5, 6}, block(r, operand, 0, 5, 6)),
				R: []circuit.AxisRelation{rel(circuit.Window, lt{1, 3, 5}, 2, 1, 0), rel(circuit.Window, lt{2, 4, 6}, 2, 1, 0)}}}
		}},
		{"element-wise product of an entry of A's first axis", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(5, 1, 3, 5), lt{0} // j | p g J
			b := expr(lt{3}, block(r, operand, 3))
			r.Sum = []circuit.Contraction{{Inner: lt{3, 2, 1}, A: expr(lt{2, 3}, block(r, operand, 2, 3), term(2, circuit.None)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Affine, lt{1, 2}, 1, 1), rel(circuit.Same, lt{0, 3})}}}
		}},
		{"element-wise product of entries of both first axes", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(5, 1, 3, 1, 4, 5), lt{0} // j | p g q h J
			b := expr(lt{4, 5}, block(r, operand, 4, 5))
			r.Sum = []circuit.Contraction{{Inner: lt{5, 4, 2, 1, 3}, A: expr(lt{2, 5}, block(r, operand, 5, 2)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Affine, lt{1, 2}, 2, 1), rel(circuit.Affine, lt{3, 4}, 3, 1), rel(circuit.Same, lt{0, 5})}}}
		}},
		{"matmul of slices of rows and of the summed axis", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(3, 4, 5, 7, 6), lt{0, 1} // i j | k K I
			b := expr(lt{2, 1}, block(r, operand, 2, 1))
			r.Sum = []circuit.Contraction{{Inner: lt{2, 3, 4}, A: expr(lt{4, 3}, block(r, operand, 4, 3)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Affine, lt{2, 3}, 1, 1), rel(circuit.Affine, lt{0, 4}, 5, -2)}}}
		}},
		{"matmul with a slice of B, gathered along the summed axis", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(3, 4, 5, 3, 9), lt{0, 1} // i j | k K J
			b := expr(lt{3, 4}, block(r, operand, 3, 4))
			r.Sum = []circuit.Contraction{{Inner: lt{4, 3, 2}, A: expr(lt{0, 2}, block(r, operand, 0, 2)), B: &b,
				R: []circuit.AxisRelation{rel(circuit.Index, lt{2, 3}, 1, 1, 0, 2, 1), rel(circuit.Affine, lt{1, 4}, 2, 2)}}}
		}},
		{"axes of length 1 and a scalar output", func(r *circuit.Relation, operand func(...int) int) {
			r.Letters, r.Out = axes(1, 1, 5), lt{}
			b := expr(lt{1}, block(r, operand, 1))
			r.Sum = []circuit.Contraction{{Inner: lt{1, 0, 2}, A: expr(lt{0, 2, 1}, block(r, operand, 0, 2, 1)), B: &b}}
		}},
	} {
		t.Run(op.name, func(t *testing.T) {
			for seed := range int64(3) { // the operands' roles are random
				twins(t, net(t)(toynet.Example(seed, op.build)), transcript.EVM)
			}
		})
	}
}

// TestTwinOnLargeBlocks: blocks, tables and columns of 2^12 entries and more, dense and sparse.
func TestTwinOnLargeBlocks(t *testing.T) {
	for _, c := range []struct{ batch, width, depth, bits, sparse int }{{60, 64, 2, 12, 1}, {3, 60, 2, 9, 40}, {1, 64, 3, 12, 3}, {2, 8, 1, 13, 1}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			twins(t, net(t)(toynet.Dense(1, c.batch, c.width, c.depth, c.bits, c.sparse)), transcript.EVM)
		})
	}
}
