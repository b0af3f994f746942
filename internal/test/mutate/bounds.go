package mutate

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx/testdata"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Bounds of one input of a fuzz target: bytes allocated in total, which bounds what is in use at any time, and time.
const (
	maxAllocated = 4 << 30
	maxTime      = 100 * time.Second
)

// Bounded runs f, which must end in time and within memory.
func Bounded(t *testing.T, f func()) {
	t.Helper()
	stop := time.AfterFunc(maxTime, func() {
		debug.SetTraceback("all")
		panic(fmt.Sprintf("still running after %v", maxTime))
	})
	defer stop.Stop()
	before := allocated()
	f()
	if used := allocated() - before; used > maxAllocated {
		t.Errorf("%d MiB allocated", used>>20)
	}
}

func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// Corpus are the test networks, for fuzz targets whose inputs are a network's number and a program of edits.
type Corpus struct {
	Cases []testdata.Case
	parse func(model []byte) (*graph.Source, error)
}

// NewCorpus reads the test networks and adds each as a seed, without edits and with a few. parse reads an ONNX file.
func NewCorpus(f *testing.F, parse func([]byte) (*graph.Source, error)) *Corpus {
	f.Helper()
	cases, err := testdata.All()
	if err != nil {
		f.Fatal(err)
	}
	for i := range cases {
		f.Add(uint16(i), []byte{})
		program := make([]byte, 12)
		for seed := range 2 {
			x := uint64(i*2+seed)*0x9e3779b97f4a7c15 + 1
			for k := range program {
				x ^= x << 13
				x ^= x >> 7
				x ^= x << 17
				program[k] = byte(x >> 32)
			}
			f.Add(uint16(i), append([]byte(nil), program...))
		}
	}
	return &Corpus{cases, parse}
}

// Network is the edited network that a fuzz input stands for.
func (c *Corpus) Network(t *testing.T, pick uint16, program []byte) *graph.Source {
	t.Helper()
	other := 0
	if len(program) > 0 {
		other = int(program[len(program)-1]) * 3
	}
	src, next := c.source(t, int(pick)), c.source(t, other)
	Edit(src, program, next)
	return src
}

func (c *Corpus) source(t *testing.T, k int) *graph.Source {
	t.Helper()
	src, err := c.parse(c.Cases[k%len(c.Cases)].Model)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// Small tells whether a network's tensors have at most that many entries in all, so that running it takes little time.
func Small(g *graph.Graph, entries int) bool {
	lists := [][]*graph.Value{g.Inputs}
	for _, n := range g.Nodes {
		lists = append(lists, n.Inputs, n.Outputs)
		for _, k := range n.Attrs.Ints("kernel_shape") {
			if k > 64 {
				return false
			}
		}
	}
	for _, list := range lists {
		for _, v := range list {
			if v != nil {
				entries -= tensor.Size(v.Shape)
			}
		}
	}
	return entries >= 0
}
