package onnx

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// Options of a model.
type Options struct {
	// Variables bind symbolic dimensions by name; an unknown dimension takes batch_size.
	Variables map[string]int
}

// maxFile bounds a model file: protobuf itself stops at 2 GiB.
const maxFile = 1 << 31

// Load reads a model file, and external data from its folder.
func Load(path string, o Options) (*graph.Graph, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("onnx: %s is no regular file of at most 2 GiB", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	g, err := decode(b, filepath.Dir(path), o)
	if err != nil {
		return nil, wrap(filepath.Base(path)+": ", err)
	}
	return g, nil
}

// Decode reads a model without external data.
func Decode(b []byte, o Options) (*graph.Graph, error) {
	g, err := decode(b, "", o)
	if err != nil {
		return nil, wrap("", err)
	}
	return g, nil
}

func wrap(where string, err error) error {
	return fmt.Errorf("onnx: %s%w", where, err)
}

func decode(b []byte, dir string, o Options) (*graph.Graph, error) {
	src, err := source(b, dir)
	if err != nil {
		return nil, err
	}
	return graph.Build(src, o.Variables)
}

// Source reads a model without external data as it stands: no order, shapes or operators are checked.
func Source(b []byte) (*graph.Source, error) {
	src, err := source(b, "")
	if err != nil {
		return nil, wrap("", err)
	}
	return src, nil
}

func source(b []byte, dir string) (*graph.Source, error) {
	if len(b) == 0 {
		return nil, errors.New("the file is empty")
	}
	d := &decoder{dir: dir, external: map[string][]byte{}}
	src, err := d.model(b)
	if errors.Is(err, errWire) {
		return nil, fmt.Errorf("not an ONNX model, or a damaged one: %w", err)
	}
	return src, err
}
