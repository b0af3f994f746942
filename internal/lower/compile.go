package lower

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Visibility says who knows a tensor.
type Visibility uint8

const (
	Private Visibility = iota
	Public
	Fixed
)

// Options are the choices of a compilation. The zero value is valid: everything private.
type Options struct {
	Input, Output, Params Visibility
	// Width is the number of bits of a digit, 2 to 16; 0 compiles with 8 and, for large circuits, 16, and takes the
	// cheaper.
	Width int
	// TableBits bounds the rows of function tables, 4 to 20 bits; 0 is 16.
	TableBits int

	joint  *joint // tensors of one scale; nil: none
	coarse bool   // shorter tables where that costs little accuracy: Compile sets it for small circuits
	small  int    // bits of a table of exponentials that is not replaced by two; 0: smallTable
	ladder bool   // ArgMax by a tree of maxima, however few the entries: for tests
	inner  int    // most summed variables of a product that holds a selection; 0: any number
}

// Part is one summand of an integer tensor: Coef * block, row-major.
type Part struct {
	Coef  int64
	Block int
}

// IO is one input or output of the network: real value = integer * 2^-Scale, integer = the sum of Parts.
type IO struct {
	Name       string
	Type       tensor.DType
	Shape      []int
	Scale      int
	Visibility Visibility
	Parts      []Part
	Lo, Hi     int64 // integers of an input that the circuit can prove; unused for outputs
}

// Compiled is a network as a circuit, with everything that witness generation and files need beside it.
type Compiled struct {
	Circuit *circuit.Circuit
	// Key holds the values of Fixed and Private blocks by block index, row-major without padding; nil for others, and for
	// the blocks of fixed inputs and outputs, which a witness gives.
	Key     [][]int64
	Inputs  []IO
	Outputs []IO
	Width   int // of the digits
	// Solvable is Circuit with fixed inputs and outputs as public ones (circuit.Unfix), and Certificate says why every block
	// of it is determined; package witness executes it.
	Solvable    *circuit.Circuit
	Certificate *determinism.Certificate
	Trace       Trace
	Clamp       bool // inputs saturate
}

// Compile lowers a network. All nodes that cannot be lowered are named in one error, which wraps *graph.UnsupportedError.
func Compile(g *graph.Graph, p *quant.Params, o Options) (*Compiled, error) {
	if p == nil {
		p = &quant.Params{}
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	if o.TableBits == 0 {
		o.TableBits = 16
		if p.TableBits != 0 {
			o.TableBits = p.TableBits
		}
	}
	switch {
	case o.TableBits < 4 || o.TableBits > 20 || o.Width != 0 && (o.Width < 2 || o.Width > 16):
		return nil, fmt.Errorf("lower: digits of %d bits or tables of 2^%d rows: not supported", o.Width, o.TableBits)
	case o.Params == Public:
		return nil, errors.New("lower: parameters cannot be public: use fixed (part of the verification key) or private")
	}
	g = recognise(g)
	if err := supported(g); err != nil {
		return nil, err
	}
	joint, shared := newJoint(g, p)
	g = fold(diagonal(g))
	if joint == nil {
		return widths(g, p, o)
	}
	return joint.compile(g, p, shared, o)
}

// widths compiles with the width of digits that is asked for, or the cheaper one.
func widths(g *graph.Graph, p *quant.Params, o Options) (*Compiled, error) {
	if o.Width != 0 {
		return compile(g, p, o)
	}
	o.Width = 8
	o.coarse = p.Completeness == "" && p.Global == nil
	narrow, err := compile(g, p, o)
	if err != nil || narrow.lookups() < smallCircuit {
		return narrow, err
	}
	if o.coarse { // not small: no accuracy is given up
		o.coarse = false
		if narrow, err = compile(g, p, o); err != nil {
			return nil, err
		}
	}
	if narrow.cost() < wideTables {
		return narrow, nil
	}
	o.Width = 16
	wide, err := compile(g, p, o)
	if err != nil || narrow.cost() <= wide.cost() {
		return narrow, nil
	}
	return wide, nil
}

// supported lists all nodes whose operator is unknown.
func supported(g *graph.Graph) error {
	var bad []graph.Unsupported
	for _, n := range g.Nodes {
		if !Supported(n.Op) {
			bad = append(bad, graph.Unsupported{Name: n.Name, Op: n.Op})
		}
	}
	return nodeErrors(bad)
}

func nodeErrors(bad []graph.Unsupported) error {
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("lower: %w", &graph.UnsupportedError{Nodes: bad})
}

// compile lowers with digits of a given width; again where a product that holds a selection is all that makes the first sumcheck so
// long.
func compile(g *graph.Graph, p *quant.Params, o Options) (*Compiled, error) {
	out, longest, err := lowered(g, p, o)
	if err != nil || longest == 0 {
		return out, err
	}
	lay, err := layout.New(out.Circuit)
	if err != nil {
		return nil, err
	}
	if rest := max(lay.HeightVars, lay.TableVars); longest == lay.InnerVars && rest < lay.N1 {
		o.inner = max(rest-lay.IndexVars, 1)
		if short, _, err := lowered(g, p, o); err == nil {
			if other, err := layout.New(short.Circuit); err == nil && other.N1 < lay.N1 {
				return short, nil
			}
		}
	}
	return out, nil
}

// lowered is compile with selections of at most o.inner variables, and the most that one has.
func lowered(g *graph.Graph, p *quant.Params, o Options) (*Compiled, int, error) {
	b := newBuilder(p, o)
	b.keyDigit = keyDigit(g)
	out := &Compiled{Circuit: b.c, Width: o.Width, Clamp: b.clamps()}
	b.saturating = feedsSaturating(g)
	b.fine = feedsFine(g, p)
	b.toQuantise = feedsQuantiser(g)
	b.cuts = cuts(g)
	values := map[*graph.Value]*value{}
	readers := consumers(g)
	b.maxima = feedsMaximum(g)
	b.pooled = feedsPool(g, b.maxima)
	b.sums = feedsSum(g, p.Bound)
	b.exponents = exponents(g)
	b.attention = newAttention(g, p.Bound, o.TableBits, b.complete())
	var bad []graph.Unsupported
	register := func(gv *graph.Value, v *value) {
		v.name = gv.Name
		v.uses += readers[gv]
		v.tight = v.tight || b.maxima[gv]
		v.fewer = b.fewer[gv]
		v.whole = !gv.Type.IsFloat()
		if b.guarantees() && v.force == nil {
			v.bound = v.bound*(1+slack) + v.unit
		}
		if _, masked := b.floor[gv]; masked { // its own constants may be larger than what calibration counts
			v.seen = 0
		} else if seen := p.Bound(gv.Name); seen > 0 {
			v.seen = seen
			if v.force == nil {
				v.bound = honest(v.bound, seen)
			}
		}
		if v.force == nil {
			v.common = b.o.joint.of(jointBound, gv.Name, v.bound)
		}
		values[gv] = v
	}
	for _, gv := range g.Inputs {
		if tensor.Size(gv.Shape) == 0 { // nothing reads it: graph.Build made a constant of it
			out.Inputs = append(out.Inputs, IO{Name: gv.Name, Type: gv.Type, Shape: gv.Shape, Visibility: o.Input})
			continue
		}
		if reason := attempt(func() {
			v, io := b.input(gv)
			out.Inputs = append(out.Inputs, io)
			register(gv, v)
		}); reason != "" {
			return nil, 0, fmt.Errorf("lower: input %q: %s", gv.Name, reason)
		}
	}
	for _, n := range g.Nodes {
		in := make([]*value, len(n.Inputs))
		ready := true
		for i, gv := range n.Inputs {
			if gv != nil && gv.Const == nil {
				in[i] = values[gv]
				ready = ready && in[i] != nil
			}
		}
		if !ready {
			continue // its maker failed
		}
		if reason := attempt(func() {
			b.node, b.source, b.result = n.Name, source(n), n.Outputs[0].Name
			for _, o := range n.Outputs {
				if o != nil && tensor.Size(o.Shape) == 0 {
					fail("an empty tensor")
				}
			}
			for i, v := range operators[n.Op](b, n, in) {
				if i < len(n.Outputs) && n.Outputs[i] != nil {
					if slices.Contains(in, v) {
						v.uses-- // this node's own read passes it on
					}
					if v.force == nil && len(v.terms) > maxTerms {
						b.trimmed(v)
					}
					register(n.Outputs[i], v)
				}
			}
		}); reason != "" {
			bad = append(bad, graph.Unsupported{Name: n.Name, Op: n.Op, Reason: reason})
		}
		if err := b.size(); err != nil {
			return nil, 0, err
		}
	}
	if err := nodeErrors(bad); err != nil {
		return nil, 0, err
	}
	b.node, b.source = "", ""
	for i, gv := range g.Outputs {
		v := values[gv] // nil for a constant
		name := gv.Name
		if i < len(g.OutputNames) {
			name = g.OutputNames[i]
		}
		if reason := attempt(func() { out.Outputs = append(out.Outputs, b.output(name, gv, v)) }); reason != "" {
			return nil, 0, fmt.Errorf("lower: output %q: %s", name, reason)
		}
	}
	if err := b.checkClaims(); err != nil {
		return nil, 0, err
	}
	b.balanceKey()
	out.Key = b.key
	out.Trace = b.trace(values)
	if err := layout.Arrange(b.c, b.lookups); err != nil {
		return nil, 0, err
	}
	return out, b.longest, certify(out)
}

// attempt runs f and returns the reason of its failure, or "".
func attempt(f func()) (reason string) {
	defer func() {
		if r := recover(); r != nil {
			e, mine := r.(failure)
			if !mine {
				panic(r)
			}
			reason = e.reason
		}
	}()
	f()
	return ""
}

// Cost model of the choice of Width, in microseconds of the prover on two cores, fitted to networks of 40,000 to a million
// lookups.
const (
	cellCost     = 0.75  // a place in a slot's columns
	tableCost    = 0.4   // a row of the stacked table
	hitCost      = 0.6   // a row that is hit: a full-size scalar more; fewer are than if values were spread evenly
	constantCost = 0.2   // a private constant
	wideTables   = 52000 // tables of 2^16 rows alone cost as much
)

// smallCircuit is the number of lookups below which accuracy is given up for shorter tables, and 2^16 rows never pay.
const smallCircuit = 44_000

// lookups counts the lookups, and tables' rows for a quarter of one.
func (c *Compiled) lookups() int {
	n := 0
	for i := range c.Circuit.Slots {
		for _, l := range c.Circuit.Slots[i].Lookups {
			n += circuit.Count(c.Circuit.Blocks[l.In].Dims)
		}
	}
	for i := range c.Circuit.Tables {
		n += c.Circuit.Tables[i].Size / 4
	}
	return n
}

// price is cost, and that of private constants.
func (c *Compiled) price() float64 {
	n := 0
	for i := range c.Circuit.Blocks {
		if b := &c.Circuit.Blocks[i]; b.Role == circuit.Private {
			n += 1 << circuit.PaddedLog(b.Dims)
		}
	}
	return c.cost() + constantCost*float64(n)
}

// cost is the prover's cost of what the width of digits changes.
func (c *Compiled) cost() float64 {
	lay, err := layout.New(c.Circuit)
	if err != nil {
		return math.Inf(1)
	}
	reads := make([]int, len(c.Circuit.Tables))
	for i := range c.Circuit.Slots {
		for _, l := range c.Circuit.Slots[i].Lookups {
			reads[l.Table] += circuit.Count(c.Circuit.Blocks[l.In].Dims)
		}
	}
	hits := 0.0
	for i := range reads {
		rows := float64(c.Circuit.Tables[i].Size)
		hits += rows * (1 - math.Exp(-float64(reads[i])/rows))
	}
	return cellCost*float64(len(lay.Slots)<<lay.HeightVars) + tableCost*float64(int(1)<<lay.TableVars) + hitCost*hits
}

// certify runs the determinism certificate and the interval analysis: a circuit that fails here is a bug of a gadget, or
// has integers that are too wide.
func certify(c *Compiled) (err error) {
	c.Solvable = c.Circuit.Unfix(fixedBlocks(c.Inputs), fixedBlocks(c.Outputs))
	if c.Certificate, err = determinism.Certify(c.Solvable); err != nil || c.Solvable == c.Circuit {
		return err
	}
	_, err = determinism.Certify(c.Circuit)
	return err
}

// fixedBlocks are the blocks of fixed inputs or outputs.
func fixedBlocks(list []IO) []int {
	var out []int
	for i := range list {
		if list[i].Visibility == Fixed {
			for _, p := range list[i].Parts {
				out = append(out, p.Block)
			}
		}
	}
	return out
}
