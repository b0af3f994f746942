package ezkl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/quant"
)

// CompileOptions shape Compile.
type CompileOptions struct {
	Progress Progress
}

// Circuit is a compiled network: the statement that proofs are about, the network's constants, and how its inputs and
// outputs lie in it.
type Circuit struct {
	file     *formats.Compiled
	circuit  *circuit.Circuit
	settings *Settings

	once     sync.Once
	solvable *circuit.Circuit // with fixed inputs and outputs as public ones
	cert     *determinism.Certificate
	certErr  error
}

// Compile turns a network into a circuit, with the scales and visibilities of the settings. It fails, naming every node,
// if operators are not supported.
func Compile(ctx context.Context, m *Model, s *Settings, o CompileOptions) (*Circuit, error) {
	if err := s.RunArgs.Check(); err != nil {
		return nil, err
	}
	if err := m.check(s); err != nil {
		return nil, err
	}
	o.Progress.report("compile", 0, 0)
	l, err := m.lower(s)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if need := l.Circuit.LogRow + 1; s.RunArgs.LogRows < need {
		return nil, fmt.Errorf("the circuit needs an SRS of logrows %d, settings say %d (run calibrate-settings, or gen-settings without --logrows)",
			need, s.RunArgs.LogRows)
	}
	var text bytes.Buffer
	if _, err := s.WriteTo(&text); err != nil {
		return nil, err
	}
	f := &formats.Compiled{ModelDigest: m.digest, Settings: text.Bytes(), Circuit: l.Circuit.Encode(), Key: l.Key, Width: l.Width,
		Inputs: fileIO(l.Inputs), Outputs: fileIO(l.Outputs)}
	return &Circuit{file: f, circuit: l.Circuit, settings: s}, nil
}

// check refuses settings of another network.
func (m *Model) check(s *Settings) error {
	if s.EzklGo != nil && s.EzklGo.ModelSHA256 != m.Digest() {
		return errors.New("the settings are of another network, or the ONNX file has changed (run gen-settings again)")
	}
	return nil
}

// lower compiles with the parameters that the settings give.
func (m *Model) lower(s *Settings) (*lower.Compiled, error) {
	p, err := params(s)
	if err != nil {
		return nil, err
	}
	visibility := func(v Visibility) lower.Visibility {
		return map[formats.VisibilityKind]lower.Visibility{formats.Public: lower.Public, formats.Fixed: lower.Fixed}[v.Kind]
	}
	return lower.Compile(m.graph, p, lower.Options{Input: visibility(s.RunArgs.InputVisibility),
		Output: visibility(s.RunArgs.OutputVisibility), Params: visibility(s.RunArgs.ParamVisibility)})
}

// params are the parameters of quantisation that the settings give: those that calibration measured, and the scales of
// run_args if they are global.
func params(s *Settings) (*quant.Params, error) {
	p := &quant.Params{}
	if s.EzklGo != nil && s.EzklGo.Calibration != nil {
		d := json.NewDecoder(bytes.NewReader(s.EzklGo.Calibration))
		d.DisallowUnknownFields()
		if err := d.Decode(p); err != nil {
			return nil, fmt.Errorf("settings: ezkl_go.calibration is malformed (run calibrate-settings again)")
		}
	}
	if s.EzklGo == nil || s.EzklGo.Scales == formats.ScalesGlobal {
		a := &s.RunArgs
		rebase := max(a.InputScale, a.ParamScale)
		if a.RebaseScale != nil {
			rebase = *a.RebaseScale
		}
		p.Global = &quant.Global{Input: a.InputScale, Param: a.ParamScale, Rebase: rebase * a.ScaleRebaseMultiplier}
	}
	return p, p.Check()
}

func fileIO(list []lower.IO) []formats.IO {
	out := make([]formats.IO, len(list))
	for i, x := range list {
		out[i] = formats.IO{Name: x.Name, Dims: x.Shape, Type: typeName(x.Type), Scale: x.Scale,
			Visibility: formats.VisibilityKind(x.Visibility), Lo: x.Lo, Hi: x.Hi}
		for _, p := range x.Parts {
			out[i].Parts = append(out[i].Parts, formats.Part{Coef: p.Coef, Block: p.Block})
		}
	}
	return out
}

// LoadCircuit reads model.compiled.
func LoadCircuit(path string) (*Circuit, error) {
	return load(path, formats.CompiledFile, parseCircuit)
}

// ReadCircuit reads model.compiled from a stream; name is used in messages.
func ReadCircuit(name string, r io.Reader) (*Circuit, error) {
	return read(name, r, formats.CompiledFile, parseCircuit)
}

func parseCircuit(name string, data []byte) (*Circuit, error) {
	f, err := formats.ParseCompiled(name, data)
	if err != nil {
		return nil, err
	}
	c, err := circuit.Decode(f.Circuit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s, err := formats.ParseSettings(name+": settings", f.Settings)
	if err != nil {
		return nil, err
	}
	if err := fits(f, c); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Circuit{file: f, circuit: c, settings: s}, nil
}

// fits checks that the parts of a file belong together, so that the rest may index without fear.
func fits(f *formats.Compiled, c *circuit.Circuit) error {
	bad := errors.New("its parts do not fit together: run compile-circuit again")
	if len(f.Key) != len(c.Blocks) {
		return bad
	}
	later := make([]bool, len(c.Blocks)) // fixed blocks that a witness gives
	for _, i := range append(fixedBlocks(f.Inputs), fixedBlocks(f.Outputs)...) {
		if i >= len(c.Blocks) || later[i] || c.Blocks[i].Role != circuit.Fixed {
			return bad
		}
		later[i] = true
	}
	for _, t := range c.Tables {
		if t.Out != circuit.None && later[t.Out] {
			return bad
		}
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		key := (b.Role == circuit.Fixed || b.Role == circuit.Private) && !later[i]
		if key != (f.Key[i] != nil) || key && len(f.Key[i]) != circuit.Count(b.Dims) {
			return bad
		}
	}
	for k, list := range [][]formats.IO{f.Inputs, f.Outputs} {
		for _, x := range list {
			n := circuit.Count(x.Dims)
			for i, p := range x.Parts {
				if p.Block >= len(c.Blocks) || circuit.Count(c.Blocks[p.Block].Dims) != n {
					return bad
				}
				// digits: coefficients are rising powers of two from 1
				if k == 0 && (p.Coef < 1 || p.Coef&(p.Coef-1) != 0 || (i == 0) != (p.Coef == 1) || i > 0 && p.Coef <= x.Parts[i-1].Coef) {
					return bad
				}
			}
		}
	}
	return nil
}

// fixedBlocks are the blocks of fixed inputs or outputs.
func fixedBlocks(list []formats.IO) []int {
	var out []int
	for i := range list {
		if list[i].Visibility == formats.Fixed {
			for _, p := range list[i].Parts {
				out = append(out, p.Block)
			}
		}
	}
	return out
}

// key are the constants of setup, by block: those of the compiled circuit, and fixed inputs and outputs from a witness.
func (c *Circuit) key(ctx context.Context, w *Witness) ([][]int64, error) {
	later := append(fixedBlocks(c.file.Inputs), fixedBlocks(c.file.Outputs)...)
	if len(later) == 0 {
		return c.file.Key, nil
	}
	if w == nil {
		return nil, errors.New("inputs or outputs are fixed: their values are needed (run gen-witness, and give --witness)")
	}
	values, err := c.replay(ctx, w)
	if err != nil {
		return nil, err
	}
	key := slices.Clone(c.file.Key)
	for _, i := range later {
		key[i] = values[i]
	}
	return key, nil
}

// WriteTo writes model.compiled.
func (c *Circuit) WriteTo(w io.Writer) (int64, error) { return c.file.WriteTo(w) }

// LogRows is log2 of the size of the SRS that the circuit needs.
func (c *Circuit) LogRows() int { return c.circuit.LogRow + 1 }

// ForEVM is the circuit arranged for proofs that are cheap to verify in a contract: fewer and longer rows, so the prover
// takes longer and needs a larger SRS. A witness of one is a witness of the other.
func (c *Circuit) ForEVM() (*Circuit, error) {
	arranged, err := layout.ForEVM(c.circuit)
	if err != nil {
		return nil, err
	}
	return &Circuit{file: c.file, circuit: arranged, settings: c.settings}, nil
}

// of is the circuit arranged as a key has it, or nil if the key is of another circuit.
func (c *Circuit) of(vk *proof.VerifyingKey) *Circuit {
	digest := vk.Circuit.Digest()
	if c.circuit.Digest() == digest {
		return c
	}
	if e, err := c.ForEVM(); err == nil && e.circuit.Digest() == digest {
		return e
	}
	return nil
}

// Settings are the settings that the circuit was compiled with.
func (c *Circuit) Settings() *Settings { return c.settings }

// Inputs describes the network's inputs, Outputs its outputs.
func (c *Circuit) Inputs() []TensorInfo { return infoOf(c.file.Inputs) }

// Outputs describes the network's outputs.
func (c *Circuit) Outputs() []TensorInfo { return infoOf(c.file.Outputs) }

func infoOf(list []formats.IO) []TensorInfo {
	out := make([]TensorInfo, len(list))
	for i, x := range list {
		out[i] = TensorInfo{Name: x.Name, Type: x.Type, Shape: x.Dims}
	}
	return out
}

// CircuitInfo says how large a circuit is.
type CircuitInfo struct {
	LogRows    int `json:"logrows"`    // log2 of the SRS size that it needs
	Parameters int `json:"parameters"` // committed constants, fixed or private
	Committed  int `json:"committed"`  // integers that each proof commits
	Lookups    int `json:"lookups"`
	Relations  int `json:"relations"`
	Instances  int `json:"instances"` // public values of a proof
}

// Info counts what a circuit has.
func (c *Circuit) Info() CircuitInfo {
	n := c.circuit.Sizes()
	return CircuitInfo{c.LogRows(), n.Constants, n.Committed, n.Lookups, len(c.circuit.Relations), n.Instances}
}

func (i CircuitInfo) String() string {
	return fmt.Sprintf("%d constants, %d values a proof, %d lookups, %d relations, %d instances, logrows %d",
		i.Parameters, i.Committed, i.Lookups, i.Relations, i.Instances, i.LogRows)
}
