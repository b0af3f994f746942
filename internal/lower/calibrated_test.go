package lower

import (
	"fmt"
	"testing"
)

// TestRootsOfSteps: norms of few steps of a unit, 0 among them: what a root adds under it must be far less than a step.
func TestRootsOfSteps(t *testing.T) {
	for _, step := range []float64{1, .25, 4, 1. / 1024} {
		for _, axis := range []int64{0, 1} {
			n := newNet(1).input("x", shaped(floatsOf(0, 0, 1, 0, 3, -2), 3, 2)).constant("k", scalarTensor(step))
			n.op("Floor x -> i").op("Mul i k -> s").op("ReduceL2 s -> y", "axes", list(axis))
			t.Run(fmt.Sprint(step, " ", axis), func(t *testing.T) {
				g, p, want := n.build(t)
				c, err := Compile(g, p, Options{Output: Public})
				if err != nil {
					t.Fatal(err)
				}
				in, err := c.Quantise(n.in)
				if err != nil {
					t.Fatal(err)
				}
				got := c.Dequantise(solveAny(t, c, in))
				for i := range want[0].Floats {
					if d := got[0].Float(i) - want[0].Floats[i]; d > step/256 || d < -step/256 {
						t.Errorf("norm %d is %g, not %g", i, got[0].Float(i), want[0].Floats[i])
					}
				}
			})
		}
	}
}

// TestCalibrationData: a circuit refuses no input that calibrated it, with no headroom and with magnitudes that are powers of
// two (or just below), as in images of 0 to 1, and with constants beside them.
func TestCalibrationData(t *testing.T) {
	cases := map[string]func(n *net){
		"input":         func(n *net) { n.op("Relu x -> y") },
		"sum":           func(n *net) { n.op("Add x x -> y") },
		"product":       func(n *net) { n.op("Mul x x -> y") },
		"table":         func(n *net) { n.op("Tanh x -> u").op("Relu u -> y") },
		"saturated":     func(n *net) { n.op("HardSigmoid x -> u").op("Mul u x -> y") },
		"maximum":       func(n *net) { n.op("Max x one -> u").op("Tanh u -> y") },
		"join":          func(n *net) { n.op("Concat x one -> u", "axis", int64(0)).op("Tanh u -> y") },
		"join, product": func(n *net) { n.op("Concat x one -> u", "axis", int64(0)).op("Mul u u -> v").op("Relu v -> y") },
		"join, minimum": func(n *net) { n.op("Concat x one -> u", "axis", int64(0)).op("ReduceMin u -> y") },
		"pad":           func(n *net) { n.op("Pad x p scalar -> u").op("Mul u u -> v").op("Relu v -> y") },
		"join, larger constant": func(n *net) {
			n.op("Mul x eighth -> s").op("Concat s one -> u", "axis", int64(0)).op("Mul u u -> v").op("Relu u -> w").op("Add v w -> y")
		},
		"pad, larger constant": func(n *net) {
			n.op("Mul x eighth -> s").op("Pad s p scalar -> u").op("Mul u u -> v").op("Relu u -> w").op("Add v w -> y")
		},
		"where, larger constant": func(n *net) {
			n.op("Mul x eighth -> s").op("Less s tiny -> c").op("Where c s one -> u").op("Relu u -> v").op("Mul v u -> y")
		},
		"maximum, larger constant": func(n *net) { n.op("Mul x eighth -> s").op("Max s one -> u").op("Relu u -> v").op("Mul v u -> y") },
		"sum, larger constant":     func(n *net) { n.op("Mul x zero -> s").op("Add s one -> u").op("Relu u -> v").op("Mul v u -> y") },
		"products":                 func(n *net) { n.op("ReduceProd x -> y", "axes", list(0)) },
		"far join": func(n *net) {
			n.op("Mul x x -> a").op("Mul a a -> b").op("Mul b tiny -> d").op("Concat one d x b -> u", "axis", int64(0)).op("Relu u -> y")
		},
		"products joined": func(n *net) {
			n.op("Mul x x -> a").op("Mul a x -> b").op("Mul b b -> d").op("Concat one x a b d -> u", "axis", int64(0)).op("Relu u -> v").op("Mul v v -> y")
		},
	}
	for name, ops := range cases {
		for _, top := range []float64{1, .99999, .5, 4} {
			for _, margin := range []float64{1, 2} {
				n := newNet(1).input("x", floatsOf(0, -top/3, top, top/5, -top, top/7))
				n.constant("one", floatsOf(top)).constant("scalar", scalarTensor(top)).constant("p", ints(1, 2)).constant("tiny", scalarTensor(.001)).
					constant("eighth", scalarTensor(.125)).constant("zero", scalarTensor(0))
				ops(n)
				for _, o := range []Options{{Output: Public}, {Input: Public, Width: 16, Params: Fixed}} {
					t.Run(fmt.Sprint(name, " ", top, " ", margin, " ", o.Width), func(t *testing.T) {
						g, _, _ := n.build(t)
						c, err := Compile(g, calibratedOn(t, g, n.in, margin), o)
						if err != nil {
							t.Fatal(err)
						}
						solved(t, c, n.in)
					})
				}
			}
		}
	}
}
