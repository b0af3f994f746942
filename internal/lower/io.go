package lower

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// defaultBound is the magnitude expected of an input that nobody calibrated.
const defaultBound = 1

// maxInputBits is the width of an input that only bounded functions read.
const maxInputBits = 32

// quantiserBits is the width of an input that only quantisers read.
const quantiserBits = 25

// input makes the blocks of a network input: a public block with a declared interval, or digits in lookup columns.
func (b *builder) input(gv *graph.Value) (*value, IO) {
	io := IO{Name: gv.Name, Type: gv.Type, Shape: gv.Shape, Visibility: b.o.Input}
	v := &value{name: gv.Name}
	v.atoms, v.split = layoutOf(gv.Shape)
	if circuit.Count(gv.Shape) < 1 {
		fail("an empty tensor")
	}
	v.bound = b.p.Bound(gv.Name)
	if v.bound == 0 {
		v.bound = defaultBound
	}
	declared, given := b.p.Ranges[gv.Name]
	if b.guarantees() {
		if !given {
			fail("no guarantee without a declared range")
		}
		v.bound = max(math.Abs(declared.Lo), math.Abs(declared.Hi)) * (1 + math.Ldexp(1, 1-quantBits-b.extra())) // its ends, rounded, too
	}
	switch {
	case gv.Type == tensor.Bool:
		return b.boolInput(v, io)
	case !gv.Type.IsFloat():
		v.unit = 1
		v.bound = max(v.bound, 2)
	case b.p.Global != nil:
		io.Scale = b.p.Global.Input
	default:
		e := exponent(v.bound)
		io.Scale = quantBits + b.extra() - 1 - e
		if s := b.saturating[gv]; s > 0 { // only its values inside that interval matter: finer, and wider
			io.Scale = max(io.Scale, min(quantBits-1-exponent(s), maxInputBits-1-e))
		}
		if u, ok := b.fine[gv]; ok { // its columns are of different sizes, or are compared
			io.Scale = max(io.Scale, min(1-exponentOf(u), fineBits-1-e))
		}
		if b.toQuantise[gv] {
			io.Scale = quantiserBits - 1 - e
		}
	}
	v.unit = math.Ldexp(1, -io.Scale)
	if gv.Type.IsFloat() {
		b.roundings = append(b.roundings, quant.Rounding{Node: "input", Tensor: gv.Name, Unit: v.unit})
	}
	limit := signedBits(v.bound/v.unit) - 1
	if b.guarantees() {
		limit = signedBits(v.bound/v.unit+1) - 1
	}
	if limit > 40 {
		fail("integers of %d bits are too wide: use smaller values or scales", limit+1)
	}
	limit = max(limit, 1)
	rank := len(v.atoms)
	name := "input " + gv.Name
	if role, ok := known[b.o.Input]; ok {
		io.Lo, io.Hi = -1<<limit, 1<<limit-1
		b.declare(&io, declared)
		i := b.block(b.name(name), v.atoms, role)
		b.c.Blocks[i].Lo, b.c.Blocks[i].Hi = io.Lo, io.Hi
		v.terms = []circuit.Term{blockTerm(1, i, rank)}
		io.Parts = []Part{{1, i}}
	} else {
		w := b.o.Width
		n := (limit + w) / w // ceil((limit+1)/w)
		io.Lo, io.Hi = -1<<(w*n-1), 1<<(w*n-1)-1
		d := &digits{bit: circuit.None, relu: circuit.None}
		for j := range n {
			table, part := b.signed, " top digit"
			if j < n-1 {
				table, part = b.unsigned, " digit"
			}
			e := b.block(b.name(name+part), v.atoms, circuit.Column)
			d.blocks = append(d.blocks, e)
			d.top = b.lookup(e, circuit.None, table())
			v.terms = append(v.terms, blockTerm(1<<(w*j), e, rank))
			io.Parts = append(io.Parts, Part{1 << (w * j), e})
		}
		v.digits = d
	}
	b.given(io.Parts)
	v.lo, v.hi = float64(io.Lo), float64(io.Hi)
	b.declare(&io, declared)
	return v, io
}

// known are the roles of inputs and outputs that the verifier or the key knows. A fixed one is committed at setup, from a
// witness; it needs no lookup, because whoever accepts the key recomputes its row.
var known = map[Visibility]circuit.Role{Public: circuit.Public, Fixed: circuit.Fixed}

// given lists the blocks of an input as the circuit's; fixed ones belong to the key.
func (b *builder) given(parts []Part) {
	if b.o.Input == Fixed {
		return
	}
	for _, p := range parts {
		b.c.Inputs = append(b.c.Inputs, p.Block)
	}
}

// declare narrows an input's interval to the declared one, if the circuit is made for no other inputs.
func (b *builder) declare(io *IO, r quant.Range) {
	if b.guarantees() {
		io.Lo = int64(math.Floor(math.Ldexp(r.Lo, io.Scale) + 0.5))
		io.Hi = int64(math.Floor(math.Ldexp(r.Hi, io.Scale) + 0.5))
	}
}

// boolInput is one block of bits.
func (b *builder) boolInput(v *value, io IO) (*value, IO) {
	io.Lo, io.Hi = 0, 1
	role, ok := known[b.o.Input]
	if !ok {
		role = circuit.Column
	}
	i := b.block(b.name("input "+io.Name), v.atoms, role)
	if ok {
		b.c.Blocks[i].Hi = 1
	} else {
		b.lookup(i, circuit.None, b.bit())
	}
	io.Parts = []Part{{1, i}}
	b.given(io.Parts)
	v.terms = []circuit.Term{blockTerm(1, i, len(v.atoms))}
	v.unit, v.lo, v.hi, v.bound = 1, 0, 1, 1
	return v, io
}

// maxScale bounds the scale of an output, as files do.
const maxScale = 256

// publicBits bounds the integers of an output: JSON readers keep 53 bits.
const publicBits = 53

// output makes the block of a network output: Y = value, on a unit that is a power of two. A public Y is an instance with
// a declared interval, a fixed one a part of the key; a private one is a free block, or the blocks that make up the value
// already.
func (b *builder) output(network string, gv *graph.Value, v *value) IO {
	if tensor.Size(gv.Shape) == 0 { // nothing to state
		return IO{Name: network, Type: gv.Type, Shape: gv.Shape, Visibility: b.o.Output}
	}
	if v == nil {
		v = b.constantOutput(gv)
	}
	b.ready(v)
	if v.bits() > publicBits || !isPowerOfTwo(v.unit) && v.bits() > publicBits-alignBits {
		b.quantised(v, quantBits)
	}
	x := v
	if !isPowerOfTwo(v.unit) {
		// m * unit is a power of two, up to 2^-17: m has at least 17 bits
		e := exponent(v.unit) - 1 - alignBits - max(0, min(4, publicBits-alignBits-2-v.bits()))
		x = v.times(int64(math.Round(v.unit / math.Ldexp(1, e))))
		x.unit, x.bound = math.Ldexp(1, e), v.bound
	}
	name := "output " + network
	io := IO{Name: network, Type: gv.Type, Shape: gv.Shape, Scale: 1 - exponentOf(x.unit), Visibility: b.o.Output}
	if io.Scale < -maxScale || io.Scale > maxScale {
		fail("values on a scale of 2^%d: too small or too large", -io.Scale)
	}
	if role, ok := known[b.o.Output]; ok {
		name = b.name(name)
		y := b.block(name, x.atoms, role)
		limit := x.bits() - 1
		b.c.Blocks[y].Lo, b.c.Blocks[y].Hi = -1<<limit, 1<<limit
		b.relate(name, []circuit.Term{blockTerm(1, y, len(x.atoms))}, 1, x)
		io.Parts = []Part{{1, y}}
		return io
	}
	if !inOrder(x) {
		node := b.node
		b.node = ""
		x = b.freeBlock(x, name)
		b.node = node
	}
	for _, t := range x.terms {
		io.Parts = append(io.Parts, Part{t.Coef, t.Block})
	}
	return io
}

// inOrder reports whether a value is a sum of whole blocks in its own layout.
func inOrder(v *value) bool {
	if len(v.sums) > 0 || len(v.terms) == 0 {
		return false
	}
	for _, t := range v.terms {
		if t.Block == circuit.None || string(t.Axes) != string(letters(len(v.atoms))) {
			return false
		}
	}
	return true
}

// constantOutput is an output that does not depend on the inputs.
func (b *builder) constantOutput(gv *graph.Value) *value {
	data := floats(gv.Name, gv.Const)
	unit := 1.0
	if gv.Type.IsFloat() {
		unit = target(maxAbs(data), quantBits)
	}
	return b.constantValue("constant "+gv.Name, data, gv.Shape, unit, nil, false)
}

// exponentOf is frexp's exponent: x = 2^(exponentOf(x)-1) for a power of two.
func exponentOf(x float64) int {
	_, e := math.Frexp(x)
	return e
}

func isPowerOfTwo(x float64) bool {
	f, _ := math.Frexp(x)
	return f == 0.5
}

// Quantise turns network inputs into the values of the circuit's input blocks, by block index.
func (c *Compiled) Quantise(inputs []*tensor.Tensor) (map[int][]int64, error) {
	if len(inputs) != len(c.Inputs) {
		return nil, fmt.Errorf("the network has %d inputs, not %d", len(c.Inputs), len(inputs))
	}
	out := map[int][]int64{}
	for i := range c.Inputs {
		io, t := &c.Inputs[i], inputs[i]
		if t.Len() != tensor.Size(io.Shape) {
			return nil, fmt.Errorf("input %q has %d entries, not %d: shape %v", io.Name, t.Len(), tensor.Size(io.Shape), io.Shape)
		}
		ints := make([]int64, t.Len())
		for j := range ints {
			x := t.Float(j)
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("input %q, entry %d is %g", io.Name, j, x)
			}
			q := math.Floor(math.Ldexp(x, io.Scale) + 0.5)
			if c.Clamp {
				q = min(max(q, float64(io.Lo)), float64(io.Hi))
			}
			if q < float64(io.Lo) || q > float64(io.Hi) {
				return nil, fmt.Errorf("input %q, entry %d: %g is outside [%g, %g], the range that the circuit was calibrated for:"+
					" calibrate with such inputs, or with a larger --lookup-safety-margin", io.Name, j, x,
					math.Ldexp(float64(io.Lo), -io.Scale), math.Ldexp(float64(io.Hi), -io.Scale))
			}
			ints[j] = int64(q)
		}
		for p := range io.Parts {
			out[io.Parts[p].Block] = digitsOf(ints, io.Parts, p)
		}
	}
	return out, nil
}

// Values are the blocks that a witness starts from, by block index: the key's and the quantised inputs; nil for all others.
func (c *Compiled) Values(inputs []*tensor.Tensor) ([][]int64, error) {
	in, err := c.Quantise(inputs)
	if err != nil {
		return nil, err
	}
	out := make([][]int64, len(c.Circuit.Blocks))
	copy(out, c.Key)
	for i, x := range in {
		out[i] = x
	}
	return out, nil
}

// digitsOf is digit p of integers: floor(x / coef), reduced below the next part's coefficient unless it is the last.
func digitsOf(ints []int64, parts []Part, p int) []int64 {
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

// Integers are an input's or output's integers, from the values of all blocks.
func (io *IO) Integers(blocks [][]int64) []int64 {
	out := make([]int64, tensor.Size(io.Shape))
	for _, p := range io.Parts {
		for i, x := range blocks[p.Block] {
			out[i] += p.Coef * x
		}
	}
	return out
}

// Dequantise gives the network's outputs as real numbers, from the values of all blocks.
func (c *Compiled) Dequantise(blocks [][]int64) []*tensor.Tensor {
	var out []*tensor.Tensor
	for i := range c.Outputs {
		io := &c.Outputs[i]
		t := tensor.New(io.Type, io.Shape...)
		for j, x := range io.Integers(blocks) {
			if t.Type.IsFloat() {
				t.Floats[j] = math.Ldexp(float64(x), -io.Scale)
			} else {
				t.Ints[j] = int64(math.Floor(math.Ldexp(float64(x), -io.Scale) + 0.5))
			}
		}
		out = append(out, t)
	}
	return out
}
