package report

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/onnx/testdata"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

var (
	update = flag.Bool("update", false, "write the golden costs and docs/costs.md")
	timed  = flag.Bool("timed", false, "measure the microseconds of docs/costs.md (minutes)")
)

const (
	goldenCosts = "testdata/costs.tsv"
	timesFile   = "testdata/microseconds.tsv"
	costsPage   = "../../docs/costs.md"
)

// caseCost is what the nodes of one test network cost: the circuit without the digits of its inputs.
type caseCost struct {
	name, op                     string // op: of all nodes, "" if there are several
	elements, committed, lookups int
	tableRows, rows              int // rows that a proof commits
}

func (c *caseCost) line() string {
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%d\t%d\n", c.name, c.op, c.elements, c.committed, c.lookups, c.tableRows, c.rows)
}

// plain are operators that test networks have beside the one that they are about.
var plain = map[string]bool{"Constant": true, "Identity": true}

// onlyOp is the operator that a network is about: the only one that its file has, subgraphs not counted.
func onlyOp(src *graph.Source) string {
	op := ""
	for i := range src.Nodes {
		switch name := src.Nodes[i].Op; {
		case plain[name] || name == op:
		case op == "":
			op = name
		default:
			return ""
		}
	}
	return op
}

// network is a test network, calibrated and compiled as the command line does, with its input.
type network struct {
	g  *graph.Graph
	c  *lower.Compiled
	in []*tensor.Tensor
}

func compileNetwork(src *graph.Source, inputs func(g *graph.Graph) ([]*tensor.Tensor, error)) (*network, error) {
	g, err := graph.Build(src, map[string]int{"batch_size": 1})
	if err != nil {
		return nil, err
	}
	in, err := inputs(g)
	if err != nil {
		return nil, err
	}
	return compileGraph(g, in)
}

func compileGraph(g *graph.Graph, in []*tensor.Tensor) (*network, error) {
	stats, _, err := quant.Calibrate(context.Background(), g, [][]*tensor.Tensor{in}, nil)
	if err != nil {
		return nil, err
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		return nil, err
	}
	c, err := lower.Compile(g, p, lower.Options{Output: lower.Public, Params: lower.Fixed})
	return &network{g, c, in}, err
}

// own are a case's inputs.
func own(tc *testdata.Case) func(g *graph.Graph) ([]*tensor.Tensor, error) {
	return func(g *graph.Graph) (in []*tensor.Tensor, err error) {
		for i, v := range g.Inputs {
			x, err := tc.Inputs[i].Tensor(v.Type, v.Shape...)
			if err != nil {
				return nil, err
			}
			in = append(in, x)
		}
		return in, nil
	}
}

func elements(g *graph.Graph) int {
	n := 0
	for _, v := range g.Outputs {
		n += tensor.Size(v.Shape)
	}
	return n
}

// cost books what the nodes of a network cost.
func (n *network) cost(name, op string) (*caseCost, error) {
	r, err := Make(n.g, n.c)
	if err != nil {
		return nil, err
	}
	out := &caseCost{name: name, op: op, elements: elements(n.g), tableRows: r.Cost.TableRows, rows: r.Cost.ProofRows}
	for _, node := range r.Nodes {
		out.committed += node.Committed
		out.lookups += node.Lookups
	}
	return out, nil
}

// TestCosts compares rows and lookups of every test network with the golden file: a change is an intended one, or a mistake.
// With -update it writes the file, and docs/costs.md with the microseconds that -timed measured last.
func TestCosts(t *testing.T) {
	cases, err := testdata.All()
	if err != nil {
		t.Fatal(err)
	}
	var golden bytes.Buffer
	golden.WriteString("network\toperator\telements\tcommitted\tlookups\ttable rows\tproof rows\n")
	byOp := map[string][]*caseCost{}
	for i := range cases {
		tc := &cases[i]
		src, err := onnx.Source(tc.Model)
		if err != nil {
			t.Fatal(err)
		}
		op := onlyOp(src)
		n, err := compileNetwork(src, own(tc))
		if err != nil {
			continue // lower.TestC8_EveryOperator lists these
		}
		c, err := n.cost(tc.Case, op)
		if err != nil {
			t.Fatal(tc.Case, ": ", err)
		}
		golden.WriteString(c.line())
		byOp[op] = append(byOp[op], c)
	}
	if *timed {
		measure(t, cases)
	}
	if *update || *timed {
		write(t, goldenCosts, golden.Bytes())
		write(t, costsPage, page(byOp, readTimes(t)))
		return
	}
	want, err := os.ReadFile(goldenCosts)
	if err != nil {
		t.Fatal(err)
	}
	differences(t, string(want), golden.String())
	have, err := os.ReadFile(costsPage)
	if err != nil || !bytes.Equal(have, page(byOp, readTimes(t))) {
		t.Errorf("docs/costs.md is not what the figures give (%v): make costs", err)
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// differences reports the lines that changed; networks of one name are compared in their order.
func differences(t *testing.T, want, got string) {
	t.Helper()
	old := map[string][]string{}
	for _, line := range strings.Split(want, "\n") {
		name, rest, _ := strings.Cut(line, "\t")
		old[name] = append(old[name], rest)
	}
	for _, line := range strings.Split(got, "\n") {
		name, rest, _ := strings.Cut(line, "\t")
		was := ""
		if len(old[name]) > 0 {
			was, old[name] = old[name][0], old[name][1:]
		}
		if was != rest {
			t.Errorf("%s: %q, was %q (make costs, if intended)", name, rest, was)
		}
	}
	for name := range old {
		if len(old[name]) == 0 {
			continue
		}
		t.Errorf("%s does not compile any more (make costs, if intended)", name)
	}
}

// page is docs/costs.md.
func page(byOp map[string][]*caseCost, times map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString(costsHead)
	for _, op := range slices.Sorted(maps.Keys(byOp)) {
		if op == "" {
			continue
		}
		list := byOp[op]
		lookups, committed := []float64{}, []float64{}
		for _, c := range list {
			e := float64(max(1, c.elements))
			lookups, committed = append(lookups, float64(c.lookups)/e), append(committed, float64(c.committed)/e)
		}
		us, ok := times[op]
		if !ok {
			us = "-"
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", op, len(list), between(committed), between(lookups), us)
	}
	return b.Bytes()
}

const costsHead = `# What operators cost

Generated by ` + "`make costs`" + ` from the test networks of one operator each (internal/onnx/testdata), compiled as the command line does, with public
outputs and fixed parameters. Committed integers and lookups are those of the nodes, for each entry of the outputs: the digits of
the network's inputs (mostly 2 and 2 for an entry) are not counted. A range is that over the networks: attributes, types and shapes decide. These
two are compared with a golden file by ` + "`go test ./internal/report`" + `, exactly; internal/report/testdata/costs.tsv has every network.

Zero means linear: sums, moves and views of other tensors commit nothing, and functions of one tensor in a row share one table. Many of
these networks are tiny, so that what a row or a window costs once counts for few entries.

Microseconds: processor time of the prover for each further entry of the outputs, inputs' digits included (` + "`make costs-timed`" + `; no test
asserts them): from the network and the same network with a longer axis; behind "up to" from the network and copies of it side by side, where no axis can be lengthened
alone: there every entry also bears its share of the copy's relations, most of the time if the network is tiny. A dash: nothing is left to prove once
constants are folded, or the difference is lost in the noise.

| operator | networks | committed | lookups | microseconds |
|---|---|---|---|---|
`

func between(x []float64) string {
	lo, hi := number(slices.Min(x)), number(slices.Max(x))
	if lo == hi {
		return lo
	}
	return lo + " to " + hi
}

func number(x float64) string {
	if x >= 100 {
		return strconv.Itoa(int(math.Round(x)))
	}
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}
