package ezkl

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// GenWitness runs the integer network on one input. A value that the circuit cannot hold is an error that names the node,
// the value and the bound.
func GenWitness(ctx context.Context, c *Circuit, d *Data) (*Witness, error) {
	shapes := make([]formats.InputShape, len(c.file.Inputs))
	for i, x := range c.file.Inputs {
		shapes[i] = formats.InputShape{Name: x.Name, Dims: x.Dims}
	}
	arrays, _, err := d.Match(shapes, 1)
	if err != nil {
		return nil, err
	}
	w := &Witness{Version: Version}
	p, err := params(c.settings)
	if err != nil {
		return nil, err
	}
	for i := range arrays {
		v, err := integers(d, &arrays[i], &c.file.Inputs[i], p.Completeness)
		if err != nil {
			return nil, err
		}
		w.Inputs = append(w.Inputs, v)
	}
	values, err := c.solve(ctx, w.Inputs)
	if err != nil {
		return nil, err
	}
	w.Outputs = c.outputs(values)
	w.Pretty = formats.Pretty(w.Inputs, scales(c.file.Inputs), w.Outputs, scales(c.file.Outputs))
	c.extremes(w, values)
	return w, nil
}

func scales(list []formats.IO) []int {
	out := make([]int, len(list))
	for i := range list {
		out[i] = list[i].Scale
	}
	return out
}

// solve computes the values of all blocks from the integers of the inputs.
func (c *Circuit) solve(ctx context.Context, inputs [][]int64) ([][]int64, error) {
	blocks := map[int][]int64{}
	for i := range c.file.Inputs {
		parts := c.file.Inputs[i].Parts
		for p := range parts {
			blocks[parts[p].Block] = digits(inputs[i], parts, p)
		}
	}
	return c.solveBlocks(ctx, blocks)
}

// solveBlocks computes the values of all blocks from those of the input blocks.
func (c *Circuit) solveBlocks(ctx context.Context, inputs map[int][]int64) ([][]int64, error) {
	c.once.Do(func() {
		c.solvable = c.circuit.Unfix(fixedBlocks(c.file.Inputs), fixedBlocks(c.file.Outputs))
		c.cert, c.certErr = determinism.Certify(c.solvable)
	})
	if c.certErr != nil { // a compiled circuit has a certificate, but a file may say anything
		return nil, c.certErr
	}
	values := slices.Clone(c.file.Key)
	for b, v := range inputs {
		values[b] = v
	}
	return values, witness.Solve(ctx, c.solvable, c.cert, values)
}

// digits is digit p of integers: floor(x / coef), reduced below the next part's coefficient unless it is the last.
func digits(ints []int64, parts []formats.Part, p int) []int64 {
	out := make([]int64, len(ints))
	for i, x := range ints {
		x >>= bits.TrailingZeros64(uint64(parts[p].Coef))
		if p+1 < len(parts) {
			x &= parts[p+1].Coef/parts[p].Coef - 1
		}
		out[i] = x
	}
	return out
}

// outputs are the integers of the network's outputs, from the values of all blocks.
func (c *Circuit) outputs(values [][]int64) [][]int64 {
	out := make([][]int64, len(c.file.Outputs))
	for i := range c.file.Outputs {
		x := &c.file.Outputs[i]
		out[i] = make([]int64, circuit.Count(x.Dims))
		for _, p := range x.Parts {
			for j, v := range values[p.Block] {
				out[i][j] += p.Coef * v
			}
		}
	}
	return out
}

// extremes fills in what ezkl reports of lookups.
func (c *Circuit) extremes(w *Witness, values [][]int64) {
	for i := range c.circuit.Slots {
		for _, l := range c.circuit.Slots[i].Lookups {
			t := &c.circuit.Tables[l.Table]
			if t.Out == circuit.None {
				w.MaxRange = max(w.MaxRange, int64(t.Size)-1)
				continue
			}
			for _, v := range values[l.In] {
				w.MaxLookup, w.MinLookup = max(w.MaxLookup, v), min(w.MinLookup, v)
			}
		}
	}
}

// replay solves a witness again, from its inputs: it must lead to the witness's outputs.
func (c *Circuit) replay(ctx context.Context, w *Witness) ([][]int64, error) {
	if len(w.Inputs) != len(c.file.Inputs) || len(w.Outputs) != len(c.file.Outputs) {
		return nil, fmt.Errorf("the witness has %d inputs and %d outputs, the circuit %d and %d: it is of another circuit (run gen-witness)",
			len(w.Inputs), len(w.Outputs), len(c.file.Inputs), len(c.file.Outputs))
	}
	for i, v := range w.Inputs {
		x := &c.file.Inputs[i]
		if len(v) != circuit.Count(x.Dims) {
			return nil, fmt.Errorf("the witness's input %d has %d values, the circuit's %d: it is of another circuit (run gen-witness)",
				i, len(v), circuit.Count(x.Dims))
		}
		for j, n := range v {
			if n < x.Lo || n > x.Hi {
				return nil, fmt.Errorf("the witness's inputs[%d][%d] is %d, outside [%d, %d]: run gen-witness again", i, j, n, x.Lo, x.Hi)
			}
		}
	}
	values, err := c.solve(ctx, w.Inputs)
	if err != nil {
		return nil, err
	}
	for i, want := range c.outputs(values) {
		if !slices.Equal(want, w.Outputs[i]) {
			return nil, fmt.Errorf("the witness's output %d (%s) is not what the circuit computes from its inputs: run gen-witness again",
				i, c.file.Outputs[i].Name)
		}
	}
	return values, nil
}

// MockReport says what Mock has checked.
type MockReport struct {
	Relations int  `json:"relations"`
	Lookups   int  `json:"lookups"`
	OK        bool `json:"satisfied"`
}

func (r *MockReport) String() string {
	return fmt.Sprintf("satisfied: %d relations, %d lookups", r.Relations, r.Lookups)
}

// Mock checks every relation and lookup of a witness over the integers, without a proof. Its error names all that fail, one
// line each.
func Mock(ctx context.Context, c *Circuit, w *Witness) (*MockReport, error) {
	values, err := c.replay(ctx, w)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, f := range witness.Mock(c.circuit, values) {
		errs = append(errs, errors.New(f.String()))
	}
	i := c.Info()
	return &MockReport{i.Relations, i.Lookups, true}, errors.Join(errs...)
}
