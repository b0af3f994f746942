package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

func source(ops ...string) *graph.Source {
	s := &graph.Source{Opsets: map[string]int{"": 17}, Outputs: []string{"t" + string(rune('0'+len(ops)))},
		Inputs: []graph.SourceInput{{Name: "t0", Type: tensor.Float32, Dims: []graph.Dim{{Size: 3}, {Size: 4}}}}}
	for i, op := range ops {
		s.Nodes = append(s.Nodes, graph.SourceNode{Name: "n<" + op + ">", Op: op,
			Inputs: []string{"t" + string(rune('0'+i))}, Outputs: []string{"t" + string(rune('1'+i))}})
	}
	return s
}

func TestMake(t *testing.T) {
	g, err := graph.Build(source("Relu", "Sigmoid", "Neg"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := lower.Compile(g, nil, lower.Options{Output: lower.Public})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Make(g, c)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Supported || len(r.Nodes) != 3 || r.Nodes[0].Gadget != "fused into its consumer" || !strings.Contains(r.Nodes[1].Gadget, "table sigmoid(relu(x))") {
		t.Errorf("%+v", r.Nodes)
	}
	lookups := 0
	for _, n := range r.Nodes {
		lookups += n.Lookups
	}
	if digits := r.Cost.Lookups - lookups; digits != 24 { // the input's two digits
		t.Errorf("%d lookups of nodes, %d in all", lookups, r.Cost.Lookups)
	}
	if r.Cost.Instances != 12 || r.Cost.ProofBytes == 0 || r.Cost.ProveSeconds <= 0 || r.Cost.Gas <= 0 {
		t.Errorf("%+v", r.Cost)
	}
	pictures(t, r)
}

func TestFailed(t *testing.T) {
	_, err := graph.Build(source("Relu", "Fancy", "Neg", "Strange"), nil)
	r := Failed(nil, err)
	var status []Status
	for _, n := range r.Nodes {
		status = append(status, n.Status)
	}
	if r.Supported || len(status) != 4 || status[0] != Supported || status[1] != Unsupported || status[2] != Unreached || status[3] != Unsupported {
		t.Errorf("%v: %v", status, r)
	}
	if s := r.String(); !strings.Contains(s, "unknown operator") || !strings.Contains(s, "2 of 4 nodes, 1 more depend on them") {
		t.Error(s)
	}
	pictures(t, r)
	if r := Failed(nil, errors.New("nothing fits")); r.Supported || !strings.HasSuffix(r.String(), "\nnothing fits") {
		t.Error(r)
	}
}

// pictures wants well-formed SVG with a box for everything, and an HTML page that contains it.
func pictures(t *testing.T, r *Report) {
	t.Helper()
	var svg, page bytes.Buffer
	if _, err := WriteSVG(&svg, r); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteHTML(&page, "a <model>", r); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page.Bytes(), svg.Bytes()) || strings.Contains(page.String(), "a <model>") {
		t.Error("page")
	}
	boxes := 0
	d := xml.NewDecoder(&svg)
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			boxes++
		}
	}
	if want := len(r.Inputs) + len(r.Nodes) + len(r.Outputs); boxes != want {
		t.Errorf("%d boxes, not %d", boxes, want)
	}
}
