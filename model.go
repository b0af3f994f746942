package ezkl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
)

// Model is a network as read from an ONNX file: shapes inferred, constants folded, dead nodes gone.
type Model struct {
	graph  *graph.Graph
	digest [32]byte
}

// ModelOptions shape the reading of a network.
type ModelOptions struct {
	Variables []Variable // lengths of symbolic dimensions; nil: batch_size is 1
}

// LoadModel reads an ONNX file, and its external data if it has any.
func LoadModel(path string, o ModelOptions) (*Model, error) {
	b, err := formats.ReadFile(path, formats.ONNX)
	if err != nil {
		return nil, err
	}
	variables, err := o.variables()
	if err != nil {
		return nil, err
	}
	g, err := onnx.Load(path, onnx.Options{Variables: variables})
	if err != nil {
		return nil, err
	}
	return &Model{g, sha256.Sum256(b)}, nil
}

// ReadModel reads an ONNX model without external data from a stream; name is used in messages.
func ReadModel(name string, r io.Reader, o ModelOptions) (*Model, error) {
	return read(name, r, formats.ONNX, func(name string, data []byte) (*Model, error) {
		variables, err := o.variables()
		if err != nil {
			return nil, err
		}
		g, err := onnx.Decode(data, onnx.Options{Variables: variables})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return &Model{g, sha256.Sum256(data)}, nil
	})
}

func (o ModelOptions) variables() (map[string]int, error) {
	if o.Variables == nil {
		o.Variables = DefaultRunArgs().Variables
	}
	m := map[string]int{}
	for _, v := range o.Variables {
		if _, twice := m[v.Name]; twice || v.Len < 1 {
			return nil, fmt.Errorf("variables: %q is there twice, or below 1", v.Name)
		}
		m[v.Name] = v.Len
	}
	return m, nil
}

// TensorInfo describes an input or output of a network.
type TensorInfo struct {
	Name  string `json:"name"`
	Type  string `json:"type"` // ezkl's name: F32, F64, F16, Int, Bool
	Shape []int  `json:"shape"`
}

func (t TensorInfo) String() string { return fmt.Sprintf("%s %s%v", t.Name, t.Type, t.Shape) }

// Digest is the SHA-256 of the ONNX file, as 64 hexadecimal digits.
func (m *Model) Digest() string { return hex.EncodeToString(m.digest[:]) }

// Inputs describes the network's inputs, in order.
func (m *Model) Inputs() []TensorInfo { return valueInfo(m.graph.Inputs) }

// Outputs describes the network's outputs, in order.
func (m *Model) Outputs() []TensorInfo { return valueInfo(m.graph.Outputs) }

func valueInfo(list []*graph.Value) []TensorInfo {
	out := make([]TensorInfo, len(list))
	for i, v := range list {
		out[i] = TensorInfo{v.Name, typeName(v.Type), v.Shape}
	}
	return out
}

// TableRow is one node of a network.
type TableRow struct {
	Index  int      `json:"idx"`
	Name   string   `json:"name"`
	Op     string   `json:"opkind"`
	Inputs []string `json:"inputs"` // names of tensors
	Output string   `json:"output"`
	Type   string   `json:"type"`
	Shape  []int    `json:"out_dims"`
}

// Table lists the network's nodes, in order of evaluation.
func (m *Model) Table() []TableRow {
	rows := []TableRow{}
	for i, n := range m.graph.Nodes {
		r := TableRow{Index: i, Name: n.Name, Op: n.Op, Inputs: []string{}}
		for _, v := range n.Inputs {
			if v != nil {
				r.Inputs = append(r.Inputs, v.Name)
			}
		}
		for _, v := range n.Outputs {
			if v != nil {
				r.Output, r.Type, r.Shape = v.Name, typeName(v.Type), v.Shape
				break
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// FormatTable shows inputs, nodes and outputs in columns.
func FormatTable(m *Model) string {
	lines := [][]string{{"idx", "opkind", "name", "inputs", "output", "out_dims"}}
	for _, t := range m.Inputs() {
		lines = append(lines, []string{"", "Input", t.Name, "", t.Name, fmt.Sprintf("%s%v", t.Type, t.Shape)})
	}
	for _, r := range m.Table() {
		lines = append(lines, []string{fmt.Sprint(r.Index), r.Op, r.Name, strings.Join(r.Inputs, " "), r.Output, fmt.Sprintf("%s%v", r.Type, r.Shape)})
	}
	for _, t := range m.Outputs() {
		lines = append(lines, []string{"", "Output", t.Name, t.Name, "", fmt.Sprintf("%s%v", t.Type, t.Shape)})
	}
	width := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, c := range l {
			width[i] = max(width[i], min(len(c), 48))
		}
	}
	var b strings.Builder
	for k, l := range lines {
		if k > 0 {
			b.WriteByte('\n')
		}
		for i, c := range l {
			if len(c) > 48 {
				c = c[:46] + ".."
			}
			if i < len(l)-1 {
				c = fmt.Sprintf("%-*s  ", width[i], c)
			}
			b.WriteString(c)
		}
	}
	return b.String()
}

func (t TensorInfo) integer() bool { return t.Type == "Int" }
