package report

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/onnx/testdata"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/unsafesrs"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// timedRows is the height of the SRS with which operators are timed.
const timedRows = 17

// readTimes are the microseconds of each operator, as the page shows them.
func readTimes(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile(timesFile)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		op, x, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		out[op] = x
	}
	return out
}

// measure writes the microseconds of each operator: of the first of its networks that has an axis to lengthen, otherwise
// of copies of the largest.
func measure(t *testing.T, cases []testdata.Case) {
	s, err := unsafesrs.New(timedRows)
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]string{}
	largest := map[string]*network{}
	for i := range cases {
		src, err := onnx.Source(cases[i].Model)
		if err != nil {
			t.Fatal(err)
		}
		op := onlyOp(src)
		if _, have := done[op]; have || op == "" {
			continue
		}
		small, err := compileNetwork(src, own(&cases[i]))
		if err != nil {
			continue
		}
		if l := largest[op]; l == nil || elements(small.g) > elements(l.g) {
			largest[op] = small
		}
		if us := perEntry(t, s, small, lengthened(&cases[i], small)); us > 0 {
			done[op] = figures(us)
		}
	}
	for _, op := range slices.Sorted(maps.Keys(largest)) {
		if _, have := done[op]; have {
			continue
		}
		small := largest[op]
		if us := perEntry(t, s, small, copies(small, min(64, max(8, 1<<11/max(1, elements(small.g)))))); us > 0 {
			done[op] = "up to " + figures(us)
		}
	}
	var b bytes.Buffer
	for _, op := range slices.Sorted(maps.Keys(done)) {
		fmt.Fprintf(&b, "%s\t%s\n", op, done[op])
	}
	write(t, timesFile, b.Bytes())
}

func figures(us float64) string {
	if us >= 100 {
		return strconv.Itoa(int(math.Round(us)))
	}
	return strconv.FormatFloat(us, 'g', 2, 64)
}

// perEntry is the processor time of a proof for each entry of the outputs that large has more than small: microseconds, 0
// if there is no large, or no difference to be seen.
func perEntry(t *testing.T, s *srs.SRS, small, large *network) float64 {
	if large == nil {
		return 0
	}
	us, err := proveTime(s, large)
	if err != nil {
		t.Log(err)
		return 0
	}
	base, err := proveTime(s, small)
	if err != nil {
		t.Fatal(err)
	}
	return max(0, us-base) / float64(elements(large.g)-elements(small.g))
}

// copies is the network n times side by side, each copy with inputs of its own (the same numbers) and the same constants; nil
// if it does not compile.
func copies(one *network, n int) *network {
	g := &graph.Graph{Name: one.g.Name, Opset: one.g.Opset}
	var in []*tensor.Tensor
	for i := range n {
		suffix := fmt.Sprint("#", i)
		own := map[*graph.Value]*graph.Value{nil: nil}
		value := func(v *graph.Value) *graph.Value {
			if _, have := own[v]; !have {
				if own[v] = v; v.Const == nil {
					own[v] = &graph.Value{Name: v.Name + suffix, Type: v.Type, Shape: v.Shape}
				}
			}
			return own[v]
		}
		values := func(list []*graph.Value) (out []*graph.Value) {
			for _, v := range list {
				out = append(out, value(v))
			}
			return out
		}
		g.Inputs = append(g.Inputs, values(one.g.Inputs)...)
		for _, node := range one.g.Nodes {
			twin := *node
			twin.Name, twin.Inputs, twin.Outputs = node.Name+suffix, values(node.Inputs), values(node.Outputs)
			g.Nodes = append(g.Nodes, &twin)
		}
		g.Outputs = append(g.Outputs, values(one.g.Outputs)...)
		for _, name := range one.g.OutputNames {
			g.OutputNames = append(g.OutputNames, name+suffix)
		}
		in = append(in, one.in...)
	}
	if g.Check() != nil {
		return nil
	}
	many, err := compileGraph(g, in)
	if err != nil {
		return nil
	}
	return many
}

// lengthened is a case's network with one axis of its inputs longer, so that its outputs have some thousand entries, or nil.
// The longer inputs repeat the case's entries.
func lengthened(tc *testdata.Case, small *network) *network {
	const wanted = 1 << 12
	factor := max(2, wanted/max(1, elements(small.g)))
	for try := range 8 {
		src, err := onnx.Source(tc.Model)
		if err != nil {
			return nil
		}
		first, last, only := try&1 == 0, try&2 != 0, try&4 != 0
		for i := range src.Inputs {
			in := &src.Inputs[i]
			if len(in.Dims) == 0 || only && (i == 0) != last {
				continue
			}
			k := len(in.Dims) - 1
			if first {
				k = 0
			} else if last && !only {
				k = len(in.Dims) / 2
			}
			if in.Dims[k].Size < 0 || in.Dims[k].Name != "" {
				in.Dims[k] = graph.Dim{Size: 1}
			}
			in.Dims[k].Size *= factor
		}
		n, err := compileNetwork(src, func(g *graph.Graph) (in []*tensor.Tensor, err error) {
			short, err := own(tc)(small.g)
			if err != nil {
				return nil, err
			}
			for i, v := range g.Inputs {
				x := tensor.New(v.Type, v.Shape...)
				for j := range x.Len() {
					if k := j % short[i].Len(); v.Type.IsFloat() {
						x.Floats[j] = short[i].Floats[k]
					} else {
						x.Ints[j] = short[i].Ints[k]
					}
				}
				in = append(in, x)
			}
			return in, nil
		})
		if err == nil && elements(n.g) >= elements(small.g)*factor/2 {
			return n
		}
	}
	return nil
}

// proveTime is the processor time of a proof in microseconds, witness not included: the smallest of three.
func proveTime(s *srs.SRS, n *network) (float64, error) {
	values, err := n.c.Values(n.in)
	if err != nil {
		return 0, err
	}
	if err := witness.Solve(context.Background(), n.c.Circuit, n.c.Certificate, values); err != nil {
		return 0, err
	}
	cost, err := CostOf(n.c)
	if err != nil {
		return 0, err
	}
	if cost.LogRows > timedRows {
		return 0, fmt.Errorf("2^%d rows", cost.LogRows)
	}
	pk, err := prover.Setup(context.Background(), n.c.Circuit, n.c.Key, s, prover.Options{})
	if err != nil {
		return 0, err
	}
	best := math.Inf(1)
	for range 3 {
		before := processor()
		if _, err := prover.Prove(context.Background(), pk, s.G1, values, prover.Options{}); err != nil {
			return 0, err
		}
		best = min(best, processor()-before)
	}
	return best, nil
}

// processor is the processor time of this process in microseconds.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec)*1e6 + float64(u.Utime.Usec+u.Stime.Usec)
}
