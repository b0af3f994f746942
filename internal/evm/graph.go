package evm

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// Operations of a tape (docs/evm.md). Every operation is a section: its code, the number of its items (2 bytes), the items.
// Results are written one after the other, from the end of the results before or from where opJump says.
const (
	opEnd   = iota
	opMul   // a b: a * b
	opSum   // 4 times a b: sum of a * b
	opEq    // n a b: product of eq(x_i, y_i) over n coordinates from a and from b
	opSum2  // a b c d: a * b + c * d
	opTable // n a: the 2^n values eq(i, x) at n coordinates from a
	opPoly  // n a b c: sum over n words from a and coordinates x from b of word * (c_0 x + c_1 x^2 + c_2 x^3), the c's words from c
	opFold  // r n a b: r times the dot product of n words from a with the next n from b
	opSame  // n a b d: MLE of [index < d and both indices are equal] at n coordinates from a and from b
	opJump  // no items: the number is the address of the next result
)

// Bases of a ref.
const (
	baseRegister = -1 - iota // words from the first register
	baseConst                // words from the first constant of the program
	baseInstance             // words from the first instance
)

// ref names a word of the contract's memory: word off of a node's results, or of a base.
type ref struct{ node, off int }

// at is a later word of the same array.
func (r ref) at(i int) ref { return ref{r.node, r.off + i} }

// operand is a number, or the address of a word.
type operand struct {
	width int // bytes
	value uint64
	ref   *ref
}

func num(width int, v int) operand { return operand{width: width, value: uint64(v)} }

func addr(r ref) operand { return operand{width: 2, ref: &r} }

func longAddr(r ref) operand { return operand{width: 4, ref: &r} }

// node is one or more items of one operation whose results lie side by side.
type node struct {
	op    int
	key   string // in known
	items [][]operand
	size  int // words of all results
	tape  int // 1 or 2 once it is scheduled
	word  int // its first result, in words from the first result of all
}

// graph is a hash-consed graph of operations.
type graph struct {
	nodes  []node
	known  map[string]int
	consts []fr.Element
	index  map[fr.Element]int
	powers map[power]ref
	words  int // of all results
}

// power is x^e.
type power struct {
	x ref
	e int
}

// tooLarge is the panic of a graph that outgrows the contract's memory; Compile turns it into ErrTooLarge.
type tooLarge struct{}

// maxResults bounds the work of the compiler; the memory holds fewer at a time.
const maxResults = 1 << 13

// room panics if there is none for n more results.
func (g *graph) room(n int) {
	if n > maxResults-g.words {
		panic(tooLarge{})
	}
}

func newGraph() *graph {
	return &graph{known: map[string]int{}, index: map[fr.Element]int{}, powers: map[power]ref{}}
}

// add returns the node with these items, an old one if there is one.
func (g *graph) add(op, size int, items ...[]operand) ref {
	bytes := []byte{byte(op)} // the widths of an operation's operands say where one ends, but for its lists, which begin with a count
	for _, it := range items {
		for _, f := range it {
			if f.ref != nil {
				bytes = binary.AppendVarint(binary.AppendVarint(bytes, int64(f.ref.node)), int64(f.ref.off))
			} else {
				bytes = binary.AppendUvarint(bytes, f.value)
			}
		}
	}
	key := string(bytes)
	if i, ok := g.known[key]; ok {
		return ref{i, 0}
	}
	g.room(size)
	g.words += size
	g.nodes = append(g.nodes, node{op: op, key: key, items: items, size: size})
	g.known[key] = len(g.nodes) - 1
	return ref{len(g.nodes) - 1, 0}
}

// constant is a word of the program.
func (g *graph) constant(x fr.Element) ref {
	i, ok := g.index[x]
	if !ok {
		if len(g.consts) == MaxProgram/32 {
			panic(tooLarge{})
		}
		i = len(g.consts)
		g.consts = append(g.consts, x)
		g.index[x] = i
	}
	return ref{baseConst, i}
}

func (g *graph) integer(v int64) ref {
	var x fr.Element
	x.SetInt64(v)
	return g.constant(x)
}

func (g *graph) one() ref   { return g.integer(1) }
func (g *graph) zero() ref  { return g.integer(0) }
func (g *graph) minus() ref { return g.integer(-1) }

// value is the constant that a ref names, or nil.
func (g *graph) value(r ref) *fr.Element {
	if r.node != baseConst {
		return nil
	}
	return &g.consts[r.off]
}

func (g *graph) isOne(r ref) bool { v := g.value(r); return v != nil && v.IsOne() }

func (g *graph) isZero(r ref) bool { v := g.value(r); return v != nil && v.IsZero() }

// mul is a * b.
func (g *graph) mul(a, b ref) ref {
	x, y := g.value(a), g.value(b)
	switch {
	case x != nil && y != nil:
		var z fr.Element
		return g.constant(*z.Mul(x, y))
	case g.isOne(a) || g.isZero(b):
		return b
	case g.isOne(b) || g.isZero(a):
		return a
	}
	if b.node < a.node || b.node == a.node && b.off < a.off {
		a, b = b, a
	}
	return g.add(opMul, 1, []operand{addr(a), addr(b)})
}

func (g *graph) prod(list ...ref) ref {
	acc := g.one()
	for _, r := range list {
		acc = g.mul(acc, r)
	}
	return acc
}

// powerOf is x^e: the product of a power below step and one of x^step.
func (g *graph) powerOf(x ref, e int) ref {
	const step = 8
	if e == 0 {
		return g.one()
	}
	if e == 1 {
		return x
	}
	if r, ok := g.powers[power{x, e}]; ok {
		return r
	}
	var r ref
	switch {
	case e <= step:
		r = g.mul(g.powerOf(x, e-1), x)
	case e%step == 0:
		r = g.mul(g.powerOf(x, e-step), g.powerOf(x, step))
	default:
		r = g.mul(g.powerOf(x, e-e%step), g.powerOf(x, e%step))
	}
	g.powers[power{x, e}] = r
	return r
}

// pair is a summand a * b.
type pair struct{ a, b ref }

// sum is the sum of products: of four, then of the result and three more.
func (g *graph) sum(pairs ...pair) ref {
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return g.isZero(p.a) || g.isZero(p.b) })
	for len(pairs) > 4 {
		pairs = append(pairs[4:], pair{g.add(opSum, 1, addresses(pairs[:4])), g.one()})
	}
	switch len(pairs) {
	case 0:
		return g.zero()
	case 1:
		return g.mul(pairs[0].a, pairs[0].b)
	case 2:
		return g.add(opSum2, 1, addresses(pairs))
	}
	return g.add(opSum, 1, addresses(append(pairs, pair{g.zero(), g.zero()})[:4]))
}

func addresses(pairs []pair) []operand {
	var out []operand
	for _, p := range pairs {
		out = append(out, addr(p.a), addr(p.b))
	}
	return out
}

// products is a vector of products.
func (g *graph) products(pairs []pair) ref {
	items := make([][]operand, len(pairs))
	for i, p := range pairs {
		items[i] = []operand{addr(p.a), addr(p.b)}
	}
	return g.add(opMul, len(items), items...)
}

// table is the vector of eq(i, p).
func (g *graph) table(p []coordinate) ref {
	if len(p) == 0 {
		return g.one()
	}
	return g.add(opTable, 1<<len(p), []operand{num(1, len(p)), addr(p[0].x())})
}

// dot is the sum of n products of the words from a and from b.
func (g *graph) dot(n int, a, b ref) ref { return g.fold(1, n, a, b) }

// fold is a vector of rows dot products of a's n words with the next n words from b.
func (g *graph) fold(rows, n int, a, b ref) ref {
	return g.add(opFold, rows, []operand{num(2, rows), num(2, n), addr(a), longAddr(b)})
}

// polynomials is the sum of n words from a, each times c_0 x + c_1 x^2 + .. at its coordinate, which are those from b on; the number of
// coefficients, which are words from c, is a multiple of three.
func (g *graph) polynomials(n, coefficients int, a ref, b coordinate, c ref) ref {
	var sum []pair
	for from := 0; from < coefficients; from += 3 {
		if from > 0 { // x^3 is one with the word
			next := make([]pair, n)
			for i := range next {
				x := (b + coordinate(coordinateWords*i)).x()
				next[i] = pair{a.at(i), g.prod(x, x, x)}
			}
			a = g.products(next)
		}
		sum = append(sum, pair{g.add(opPoly, 1, []operand{num(1, n), addr(a), addr(b.x()), addr(c.at(from))}), g.one()})
	}
	return g.sum(sum...)
}

// mark is a state of a graph, to which rollback returns.
type mark struct{ nodes, consts, words int }

func (g *graph) mark() mark { return mark{len(g.nodes), len(g.consts), g.words} }

// rollback forgets what was added since a mark.
func (g *graph) rollback(m mark) {
	for i := range g.nodes[m.nodes:] {
		delete(g.known, g.nodes[m.nodes+i].key)
	}
	for i := range g.consts[m.consts:] {
		delete(g.index, g.consts[m.consts+i])
	}
	maps.DeleteFunc(g.powers, func(_ power, r ref) bool { return r.node >= m.nodes || r.node == baseConst && r.off >= m.consts })
	g.nodes, g.consts, g.words = g.nodes[:m.nodes], g.consts[:m.consts], m.words
}

// costOf is about the gas of what f adds, which is forgotten again; not ok if that is too large.
func (g *graph) costOf(f func()) (gas int, ok bool) {
	m := g.mark()
	defer func() {
		r := recover()
		if _, full := r.(tooLarge); r != nil && !full {
			panic(r)
		}
		g.rollback(m)
	}()
	f()
	return g.gasSince(m), true
}

// cheapest is the first of the ways with the least costOf.
func (g *graph) cheapest(ways ...func() ref) ref {
	best, least := -1, 0
	for i, f := range ways {
		if gas, ok := g.costOf(func() { f() }); ok && (best < 0 || gas < least) {
			best, least = i, gas
		}
	}
	if best < 0 {
		panic(tooLarge{})
	}
	return ways[best]()
}

// gasSince is about the gas of what was added since a mark, with that of its bytes in the program.
func (g *graph) gasSince(m mark) int {
	gas := 0
	for _, n := range g.nodes[m.nodes:] {
		for _, it := range n.items {
			value := func(i int) int { return int(it[i].value) }
			gas += len(it) // addresses of the program
			switch n.op {
			case opMul:
				gas += itemGas(n.op, 0, 0)
			case opEq, opSame, opTable, opPoly:
				gas += itemGas(n.op, value(0), 0)
			case opFold:
				gas += itemGas(n.op, value(0), value(1))
			default:
				gas += itemGas(n.op, 0, 0)
			}
		}
	}
	return gas
}
