package lower

import (
	"fmt"
	"math"
	"testing"

	"github.com/ezkl-go/ezkl/internal/quant"
)

// TestMaskedScores: where no input is refused, scores that a constant masks count for nothing behind a softmax, however far the
// others of their row lie below: inputs saturate first, or are bounded by the declared range.
func TestMaskedScores(t *testing.T) {
	for _, m := range []float64{math.Inf(-1), -1e4} {
		masks := map[string]func(n *net){
			"where": func(n *net) {
				n.constant("l", scalarTensor(m)).constant("k", shaped(floatsOf(1, 0, 1, 1, 0), 1, 5)).op("Cast k -> kb", "to", int64(9))
				n.op("MatMul x w -> a").op("Where kb a l -> b").op("Softmax b -> y")
			},
			"add": func(n *net) {
				n.constant("k", shaped(floatsOf(0, m, 0, 0, m), 1, 5)).op("MatMul x w -> a").op("Add a k -> b").op("Softmax b -> y")
			},
			"add, biased": func(n *net) {
				n.constant("k", shaped(floatsOf(1, m, -1, 2, m), 1, 5)).op("MatMul x w -> a").op("Add a k -> b").op("Softmax b -> y")
			},
			"add, rows in front": func(n *net) {
				n.constant("k", shaped(floatsOf(-3, m, -5, -2, m), 1, 5)).op("MatMul x w -> a").op("Add a k -> b").op("Transpose b -> d")
				n.op("Softmax d -> e", "axis", int64(0)).op("Transpose e -> y")
			},
			"add, scaled": func(n *net) {
				n.constant("k", shaped(floatsOf(0, m, 0, 0, m), 1, 5)).constant("q", scalarTensor(.35))
				n.op("MatMul x w -> a").op("Mul a q -> s").op("Add s k -> b").op("Softmax b -> y")
			},
		}
		for name, mask := range masks {
			if name == "add, rows in front" && math.IsInf(m, -1) {
				continue // views of minus infinity: package graph
			}
			n := newNet(1)
			w := n.normal(.7, 0, 6, 5)
			for i := range w.Floats { // large where masked when all others are small
				if j := i % 5; j == 1 || j == 4 {
					w.Floats[i] = -w.Floats[i-1]
				} else if j > 0 {
					w.Floats[i] = 1.1 * w.Floats[i-j]
				}
			}
			n.input("x", n.normal(.5, 0, 2, 6)).constant("w", w)
			mask(n)
			g, p, want := n.build(t)
			p.Completeness = quant.Clamp
			declared := &quant.Params{Completeness: quant.Guaranteed, Ranges: map[string]quant.Range{"x": {Lo: -3, Hi: 3}}}
			for _, p := range []*quant.Params{p, declared} {
				for _, o := range []Options{{Width: 8}, {Width: 8, small: 16}, {Width: 16, Input: Public, Params: Fixed}} {
					t.Run(fmt.Sprint(name, " ", m, " ", p.Completeness, " ", o.Width, " ", o.small), func(t *testing.T) {
						c, err := Compile(g, p, o)
						if err != nil {
							t.Fatal(err)
						}
						compareOutputs(t, solveAll(t, c, n.in)[0], want, 5e-3)
						in := append(inputsWithin(-3, 3, []int{2, 6}, 3), adversarial(w, 3)...)
						if p.Completeness == quant.Clamp {
							in = append(append(in, inputsWithin(-1e9, 1e9, []int{2, 6}, 3)...), adversarial(w, 1e3)...)
						}
						worst := 0.0
						for _, y := range solveAll(t, c, in) {
							for _, i := range []int{1, 4, 6, 9} {
								worst = max(worst, y[0].Floats[i])
							}
						}
						if worst > 1e-6 {
							t.Errorf("a masked entry is %g", worst)
						}
					})
				}
			}
		}
	}
}
