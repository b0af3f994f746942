package lower

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

type jt struct {
	Shape []int
	Type  string
	Data  []float64
	Max   float64
}

func TestJSON(t *testing.T) {
	files, _ := filepath.Glob(os.Getenv("JM")+"/*.json")
	for _, f := range files {
		name := filepath.Base(f)
		t.Run(name[:len(name)-5], func(t *testing.T) {
			raw, _ := os.ReadFile(f)
			var m struct {
				Inputs, Outputs []string
				Values, Consts  map[string]jt
				Reference       [][]float64
				Feeds           map[string][]float64
				Nodes           []struct {
					Name, Op string
					In, Out  []string
					Attrs    map[string]struct {
						T string
						V json.RawMessage
					}
				}
			}
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			types := map[string]tensor.DType{"f": tensor.Float32, "i": tensor.Int64, "b": tensor.Bool}
			vals := map[string]*graph.Value{}
			get := func(n string) *graph.Value {
				if n == "" {
					return nil
				}
				if v := vals[n]; v != nil {
					return v
				}
				v := &graph.Value{Name: n}
				if c, ok := m.Consts[n]; ok {
					v.Type, v.Shape = types[c.Type], c.Shape
					x := tensor.New(v.Type, c.Shape...)
					for i, d := range c.Data {
						if x.Type.IsFloat() {
							x.Floats[i] = d
						} else {
							x.Ints[i] = int64(d)
						}
					}
					v.Const = x
				} else {
					v.Type, v.Shape = types[m.Values[n].Type], m.Values[n].Shape
				}
				vals[n] = v
				return v
			}
			g := &graph.Graph{Opset: 10}
			p := &quant.Params{Exponents: map[string]int{}}
			for n, v := range m.Values {
				p.Exponents[n] = quant.Zero
				if v.Max > 0 {
					p.Exponents[n] = int(math.Ceil(math.Log2(2 * v.Max)))
				}
			}
			var feeds []*tensor.Tensor
			for _, n := range m.Inputs {
				v := get(n)
				g.Inputs = append(g.Inputs, v)
				x := tensor.New(v.Type, v.Shape...)
				for i, d := range m.Feeds[n] {
					if x.Type.IsFloat() {
						x.Floats[i] = d
					} else {
						x.Ints[i] = int64(d)
					}
				}
				feeds = append(feeds, x)
			}
			for _, n := range m.Nodes {
				node := &graph.Node{Name: n.Name, Op: n.Op, Attrs: graph.Attrs{}}
				for _, i := range n.In {
					node.Inputs = append(node.Inputs, get(i))
				}
				for _, i := range n.Out {
					node.Outputs = append(node.Outputs, get(i))
				}
				for k, a := range n.Attrs {
					switch a.T {
					case "int":
						var x int64
						json.Unmarshal(a.V, &x)
						node.Attrs[k] = x
					case "float":
						var x float64
						json.Unmarshal(a.V, &x)
						node.Attrs[k] = x
					case "str":
						var x string
						json.Unmarshal(a.V, &x)
						node.Attrs[k] = x
					case "ints":
						var x []int64
						json.Unmarshal(a.V, &x)
						node.Attrs[k] = x
					}
				}
				g.Nodes = append(g.Nodes, node)
			}
			for _, n := range m.Outputs {
				g.Outputs = append(g.Outputs, get(n))
			}
			for _, o := range []Options{{Output: Public}, {Input: Public, Params: Fixed, Output: Public}, {Output: Private, Width: 16}} {
				out, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				in, err := out.Quantise(feeds)
				if err != nil {
					t.Fatal(err)
				}
				blocks := solveNaive(t, out, in)
				worst, largest := 0.0, 1.0
				for i, x := range out.Dequantise(blocks) {
					for j := range x.Len() {
						largest = max(largest, math.Abs(m.Reference[i][j]))
						worst = max(worst, math.Abs(x.Float(j)-m.Reference[i][j]))
					}
				}
				lookups, cols, bil, inner := 0, 0, 0, 0
				for _, s := range out.Circuit.Slots {
					for _, l := range s.Lookups {
						n := circuit.Count(out.Circuit.Blocks[l.In].Dims)
						lookups += n
						cols += n
						if l.Out != circuit.None {
							cols += n
						}
					}
				}
				free := 0
				for _, bl := range out.Circuit.Blocks {
					if bl.Role == circuit.Free {
						free += circuit.Count(bl.Dims)
					}
				}
				for _, r := range out.Circuit.Relations {
					for _, k := range r.Sum {
						if k.B != nil {
							bil++
							inner = max(inner, r.Vars(k.Inner))
						}
					}
				}
				mark := ""
				if worst > 5e-4*largest {
					mark = "  <<<<"
				}
				fmt.Printf("%-24s w=%-2d err %.2e /%.2f col %6d free %6d look %6d rel %3d bil %3d inner %2d tables %d%s\n", t.Name()[9:], out.Width, worst, largest, cols, free, lookups,
					len(out.Circuit.Relations), bil, inner, len(out.Circuit.Tables), mark)
			}
		})
	}
}
