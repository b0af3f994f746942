package lower

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
)

// failure is the panic value of a lowering that cannot go on.
type failure struct{ reason string }

func fail(format string, args ...any) { panic(failure{fmt.Sprintf(format, args...)}) }

// resolved is what package graph reads of a node's attributes and constant operands. Inference has read it before, so there is
// no second reading of them here.
func resolved[T any](p T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return p
}

// builder collects the circuit.
type builder struct {
	keyDigit  int // width of the digits of private parameters
	o         Options
	p         *quant.Params
	c         *circuit.Circuit
	key       [][]int64        // by block
	owner     []string         // by block: the node that is being lowered
	roundings []quant.Rounding // for reports
	lookups   []circuit.Lookup
	tables    map[string]int
	node      string // name of the node that is being lowered
	source    string // of its constants: their names; "" where it has none
	result    string // its first output
	count     map[string]int
	committed map[[sha256.Size]byte]int // private blocks, by source, lengths and entries
	hot       map[string]*value         // one-hot forms, by the index's terms
	claims    []claimed

	sized, keySize, tabled, tableRows, called int // what limits.go bounds

	// what the readers of a tensor do with it
	saturating     map[*graph.Value]float64
	halves         map[string]float64 // intervals of function tables, by function
	sampled        map[string]float64 // output units of function tables, by function and inputs
	peaks          map[string]float64 // largest values of function tables, likewise
	sums           map[*graph.Value]float64
	maxima, pooled map[*graph.Value]bool
	fine           map[*graph.Value]float64
	*attention
	exponents  int // entries of all softmaxes
	toQuantise map[*graph.Value]bool
	cuts       map[*graph.Value][]int // atoms of the last axis of a product with weights (cuts.go)
	longest    int                    // most summed variables of a product that holds a selection
}

func newBuilder(p *quant.Params, o Options) *builder {
	return &builder{o: o, p: p, keyDigit: 8, c: &circuit.Circuit{}, tables: map[string]int{}, count: map[string]int{},
		committed: map[[sha256.Size]byte]int{}, hot: map[string]*value{}, attention: &attention{}, sampled: map[string]float64{}, peaks: map[string]float64{}, halves: map[string]float64{}}
}

// name is a unique name for a part of the current node: "conv1: requantise", "conv1: requantise 2".
func (b *builder) name(part string) string {
	s := part
	if b.node != "" {
		s = b.node + ": " + part
	}
	if len(s) > circuit.MaxName-16 {
		s = s[:circuit.MaxName-16]
	}
	b.count[s]++
	if n := b.count[s]; n > 1 {
		return fmt.Sprintf("%s %d", s, n)
	}
	return s
}

// block appends a block.
func (b *builder) block(name string, dims []int, role circuit.Role) int {
	b.c.Blocks = append(b.c.Blocks, circuit.Block{Name: name, Dims: slices.Clone(dims), Role: role, KeyTable: circuit.None})
	b.key = append(b.key, nil)
	b.owner = append(b.owner, b.node)
	return len(b.c.Blocks) - 1
}

// fixed appends a block of public constants.
func (b *builder) fixed(name string, dims []int, data []int64) int {
	i := b.block(name, dims, circuit.Fixed)
	b.c.Blocks[i].Lo, b.c.Blocks[i].Hi = slices.Min(data), slices.Max(data)
	b.key[i] = data
	return i
}

// column appends a block in a lookup: of a range table if out is None.
func (b *builder) lookup(in, out, table int) int {
	b.lookups = append(b.lookups, circuit.Lookup{In: in, Out: out, Table: table})
	return len(b.lookups) - 1
}

// table finds or appends a lookup table; values makes the output column, nil for a range table.
func (b *builder) table(name string, lo int64, size int, values func(in int64) int64) int {
	if i, ok := b.tables[name]; ok {
		return i
	}
	t := circuit.Table{Name: name, Lo: lo, Size: size, Out: circuit.None}
	if values != nil {
		data := make([]int64, size)
		for i := range data {
			data[i] = values(lo + int64(i))
		}
		t.Out = b.fixed("table "+name, []int{size}, data)
	}
	b.c.Tables = append(b.c.Tables, t)
	b.tables[name] = len(b.c.Tables) - 1
	return b.tables[name]
}

// unsigned is the range table [0, 2^w), of a low digit.
func (b *builder) unsigned() int {
	return b.table(fmt.Sprintf("u%d", b.o.Width), 0, 1<<b.o.Width, nil)
}

// lowTable is the range table of digits whose least value is no matter: that of top digits, so that one table of 2^w rows
// does for both, or [0, 2^w) where tables are small.
func (b *builder) lowTable() int {
	if b.o.Width <= 8 {
		return b.unsigned()
	}
	return b.signed()
}

// signed is the range table of a top digit, [-2^(w-1), 2^(w-1)).
func (b *builder) signed() int {
	return b.table(fmt.Sprintf("s%d", b.o.Width), -(1 << (b.o.Width - 1)), 1<<b.o.Width, nil)
}

// bit is the range table {0, 1}.
func (b *builder) bit() int { return b.table("bit", 0, 2, nil) }

// signTable gives 1 for t >= 0 and 0 for t < 0, over the inputs of the signed table.
func (b *builder) signTable() int {
	return b.table(fmt.Sprintf("sign%d", b.o.Width), -(1 << (b.o.Width - 1)), 1<<b.o.Width, func(t int64) int64 {
		if t >= 0 {
			return 1
		}
		return 0
	})
}

// reluTable gives max(t, 0) over the inputs of the signed table.
func (b *builder) reluTable() int {
	return b.table(fmt.Sprintf("relu%d", b.o.Width), -(1 << (b.o.Width - 1)), 1<<b.o.Width, func(t int64) int64 { return max(t, 0) })
}

// keyTable is the signed range of k bits of the key proof.
func (b *builder) keyTable(k int) int {
	name := fmt.Sprintf("key s%d", k)
	for i := range b.c.KeyTables {
		if b.c.KeyTables[i].Name == name {
			return i
		}
	}
	b.c.KeyTables = append(b.c.KeyTables, circuit.Table{Name: name, Lo: -(1 << (k - 1)), Size: 1 << k, Out: circuit.None})
	return len(b.c.KeyTables) - 1
}

// letters are 0..n-1.
func letters(n int) []circuit.Letter {
	out := make([]circuit.Letter, n)
	for i := range out {
		out[i] = circuit.Letter(i)
	}
	return out
}

// relate emits the relation  lhs = coef * v,  with v's affine part moved to the left. The terms of lhs name v's atoms.
func (b *builder) relate(name string, lhs []circuit.Term, coef int64, v *value) {
	n := len(v.atoms)
	r := circuit.Relation{Name: name, Out: letters(n)}
	for i, d := range v.atoms {
		r.Letters = append(r.Letters, circuit.Axis{Name: letterName('i', i), Len: d})
	}
	for i, d := range v.inner {
		r.Letters = append(r.Letters, circuit.Axis{Name: letterName('a', i), Len: d})
	}
	var terms []circuit.Term
	for _, t := range lhs {
		terms = addTerm(terms, cloneTerm(t))
	}
	for _, t := range v.terms {
		t = cloneTerm(t)
		t.Coef = mulChecked(t.Coef, -coef)
		terms = addTerm(terms, t)
	}
	r.LHS = circuit.Expr{Letters: letters(n), Terms: terms}
	for i := range v.sums {
		k := mapContraction(v.sums[i], nil)
		for j := range k.A.Terms {
			k.A.Terms[j].Coef = mulChecked(k.A.Terms[j].Coef, coef)
		}
		k.Inner = innerOrder(&k, n)
		r.Sum = append(r.Sum, k)
	}
	dropLetters(&r, n)
	if len(r.Letters) > 64 {
		fail("more than 64 axes in one relation")
	}
	b.c.Relations = append(b.c.Relations, r)
}

// dropLetters removes summed letters that no contraction uses any more.
func dropLetters(r *circuit.Relation, n int) {
	used := make([]bool, len(r.Letters))
	for i := range r.Sum {
		for _, l := range r.Sum[i].Inner {
			used[l] = true
		}
	}
	to := make([]circuit.Letter, len(r.Letters))
	kept := r.Letters[:0:0]
	for l := range r.Letters {
		if l < n || used[l] {
			to[l] = circuit.Letter(len(kept))
			kept = append(kept, r.Letters[l])
		}
	}
	r.Letters = kept
	for i := range r.Sum {
		inner := mapLetters(r.Sum[i].Inner, to)
		r.Sum[i] = mapContraction(r.Sum[i], to)
		r.Sum[i].Inner = inner
	}
}

// innerOrder lists a contraction's summed letters as circuit.Contraction asks: those of B first, the last axis lowest;
// then those of A alone, then those that only an axis relation holds.
func innerOrder(k *circuit.Contraction, n int) []circuit.Letter {
	var out []circuit.Letter
	add := func(ls []circuit.Letter) {
		for i := len(ls) - 1; i >= 0; i-- {
			if l := ls[i]; int(l) >= n && !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	if k.B != nil {
		add(k.B.Letters)
	}
	add(k.A.Letters)
	for i := range k.R {
		add(k.R[i].Letters)
	}
	return out
}

// letterName is first, first+1, .. inside eight letters, then with a number.
func letterName(first byte, i int) string {
	s := string(rune(first) + rune(i%8))
	if i >= 8 {
		s += fmt.Sprint(i / 8)
	}
	return s
}

// blockTerm is coef * block over all atoms in order.
func blockTerm(coef int64, block, rank int) circuit.Term {
	return circuit.Term{Coef: coef, Block: block, Axes: letters(rank)}
}

// freeBlock commits a value as it is, in a free block: one linear or bilinear relation, no lookup.
func (b *builder) freeBlock(v *value, part string) *value {
	name := b.name(part)
	y := b.block(name, v.atoms, circuit.Free)
	term := blockTerm(1, y, len(v.atoms))
	b.relate(name, []circuit.Term{term}, 1, v)
	out := v.clone()
	out.terms, out.sums, out.inner = []circuit.Term{term}, nil, nil
	return out
}

// become makes v stand for the same tensor as w from now on: later consumers find the block instead of making another.
func (v *value) become(w *value) {
	v.terms, v.sums, v.inner, v.unit, v.lo, v.hi = w.terms, w.sums, w.inner, w.unit, w.lo, w.hi
	v.digits, v.force = w.digits, nil
}

// roundHalfUp is the nearest integer, ties upward.
func roundHalfUp(x float64) int64 {
	r := math.Floor(x + 0.5)
	if math.Abs(r) > circuit.MaxInterval/2 || math.IsNaN(r) {
		fail("the number %g does not fit into 61 bits", x)
	}
	return int64(r)
}
