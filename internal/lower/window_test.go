package lower

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// windowNet is a network whose indices are below the axis's end, or not, and how many entries of one-hot forms it needs.
type windowNet struct {
	n   *net
	hot int
}

// windowNets gather by indices base + 2 s + t, s and t bits.
func windowNets() map[string]windowNet {
	nets := map[string]windowNet{}
	bits := func(seed uint64, shape ...int) *net {
		n := newNet(seed)
		return n.input("s", shaped(bools(0, 1, 0, 1, 1, 1), shape...)).input("t", shaped(bools(1, 1, 0, 0, 1, 0), shape...)).
			constant("two", shaped(ints(2), 1)).op("Cast s -> a", "to", int64(7)).op("Cast t -> b", "to", int64(7)).op("Mul a two -> c").op("Add c b -> d")
	}
	based := func(n *net, base *tensor.Tensor) *net { return n.constant("base", base).op("Add d base -> i") }
	n := based(bits(1, 6), ints(0, 4, 8, 12, 16, 20))
	nets["both ends"] = windowNet{n.constant("w", n.normal(1, 0, 24)).op("Gather w i -> y"), 6 * 4}
	n = based(bits(2, 2, 3), shaped(ints(3, 0, 5), 3))
	nets["overlapping, inner and outer axes"] = windowNet{n.constant("w", n.normal(1, 0, 2, 9, 5)).op("Gather w i -> y", "axis", int64(1)), 6 * 4}
	n = based(bits(3, 2, 3), shaped(ints(2), 1))
	nets["one base"] = windowNet{n.constant("w", n.normal(1, 0, 7, 2)).op("Gather w i -> y"), 6 * 4}
	n = bits(4, 6)
	nets["no base"] = windowNet{n.constant("w", n.normal(1, 0, 4)).op("Gather w d -> y"), 6 * 4}
	n = bits(5, 6).constant("minus", shaped(ints(-1), 1)).op("Mul d minus -> e").constant("base", ints(3, 4, 5, 6, 7, 8)).op("Add e base -> i")
	nets["downwards"] = windowNet{n.constant("w", n.normal(1, 0, 9)).op("Gather w i -> y"), 6 * 4}
	n = based(bits(6, 6), ints(-3, 4, 8, 12, 16, 20)).constant("three", ints(3)).op("Add i three -> j")
	nets["negative constants"] = windowNet{n.constant("w", n.normal(1, 0, 27)).op("Gather w j -> y"), 6 * 4}
	n = based(bits(7, 2, 3), shaped(ints(0, 3), 2, 1))
	nets["GatherElements"] = windowNet{n.constant("w", n.normal(1, 0, 2, 7)).op("GatherElements w i -> y", "axis", int64(1)), 6 * 4}
	n = based(bits(8, 3, 2), shaped(ints(0, 1), 2))
	nets["GatherElements of axis 0"] = windowNet{n.constant("w", n.normal(1, 0, 6, 4)).op("GatherElements w i -> y", "axis", int64(0)), 6 * 4}
	n = based(bits(9, 6), ints(0, 4, 8, 12, 16, 20))
	nets["two by one index"] = windowNet{n.constant("w", n.normal(1, 0, 24)).constant("v", n.normal(1, 0, 25)).op("Gather w i -> g").op("Gather v i -> h").op("Mul g h -> y"), 6 * 4}
	n = based(bits(10, 6), ints(0, 4, 8, 12, 16, 21))
	nets["beyond the end"] = windowNet{n.constant("w", n.normal(1, 0, 24)).op("Gather w i -> y"), 6 * 24}
	n = based(bits(11, 6), ints(-1, 4, 8, 12, 16, 20))
	nets["beyond the start"] = windowNet{n.constant("w", n.normal(1, 0, 24)).op("Gather w i -> y"), 6 * 24}
	return nets
}

// TestWindows compares with the float interpreter at all bits: an index outside of the axis has no witness, all others the
// entries that they name. Windows make one-hot forms short; altered ones are refused.
func TestWindows(t *testing.T) {
	for name, w := range windowNets() {
		t.Run(name, func(t *testing.T) {
			for _, o := range []Options{{Width: 8}, {Width: 8, Params: Fixed, Output: Public}} {
				g, p, _ := w.n.build(t)
				c, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				hot := 0
				for _, b := range c.Circuit.Blocks {
					if strings.HasSuffix(b.Name, ": test") {
						hot += circuit.Count(b.Dims)
					}
				}
				if hot != w.hot {
					t.Errorf("one-hot forms of %d entries, not %d", hot, w.hot)
				}
				refused := 0
				for k := range 16 {
					in := []*tensor.Tensor{bools(), bools()}
					for j := range in {
						in[j].Shape = w.n.in[j].Shape
						for i := range 6 {
							in[j].Ints = append(in[j].Ints, int64(k>>((i+j)%4)&1^(i*j&1)))
						}
					}
					refused += w.compare(t, g, c, in)
				}
				if beyond := strings.HasPrefix(name, "beyond"); beyond != (refused > 0) || refused == 16 {
					t.Errorf("%d of 16 inputs refused", refused)
				}
				if !strings.HasPrefix(name, "beyond") && attack(t, c, mocked(t, c, w.n.in), 1) == 0 {
					t.Error("nothing to attack")
				}
			}
		})
	}
}

// compare is 1 for an input without a witness, which must be one with an index outside of the axis.
func (w windowNet) compare(t *testing.T, g *graph.Graph, c *Compiled, in []*tensor.Tensor) int {
	t.Helper()
	values, err := c.Values(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := witness.Solve(context.Background(), c.Solvable, c.Certificate, values); err != nil {
		i := tensor.New(tensor.Int64, 6)
		for k, base := range w.n.src.Consts["base"].Ints {
			i.Ints[k] = base + 2*in[0].Ints[k] + in[1].Ints[k]
		}
		if slices.Min(i.Ints) >= 0 && slices.Max(i.Ints) < int64(w.n.src.Consts["w"].Shape[0]) {
			t.Errorf("refused: %v: %v", i.Ints, err)
		}
		return 1
	}
	want, err := graph.Run(context.Background(), g, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	compareOutputs(t, c.Dequantise(values), want, 1e-3)
	return 0
}

// TestWindowsHideConstants: the circuit is the same whether two private constants are equal or not.
func TestWindowsHideConstants(t *testing.T) {
	var texts []string
	for _, second := range []int64{4, 8} {
		n := newNet(1)
		n.input("s", bools(0, 1)).constant("w", n.normal(1, 0, 16)).constant("p", ints(4, 0)).constant("q", ints(second, 0)).op("Cast s -> a", "to", int64(7)).
			op("Add a p -> i").op("Add a q -> j").op("Gather w i -> g").op("Gather w j -> h").op("Sub g h -> y")
		c, _ := compileCase(t, n, Options{Width: 8})
		blocks := 0
		for _, b := range c.Circuit.Blocks {
			if b.Role == circuit.Private {
				blocks++
			}
		}
		texts = append(texts, fmt.Sprint(blocks, len(c.Circuit.Blocks)))
	}
	if texts[0] != texts[1] {
		t.Errorf("blocks: %v", texts)
	}
}

// TestWindowsClaims: the interval that makes a window is that of the circuit's tables when it is done.
func TestWindowsClaims(t *testing.T) {
	b, _, x := tiny(2, 4, 3, 3, 1)
	b.claims = append(b.claims, claimed{x.terms[0].Block, -4, 3})
	if err := b.checkClaims(); err != nil {
		t.Error(err)
	}
	b.claims[0].hi = 2
	if b.checkClaims() == nil {
		t.Error("a table that allows more passed")
	}
}
