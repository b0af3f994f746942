package evm

import (
	"encoding/binary"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// A diagram evaluates the sum, over the index tuples of an axis relation, of the product of the letters' weights eq(index,
// point). Every letter's bits are cut into digits, level by level, and the tuples become a decision diagram over them, the
// highest digits first: nodes whose remaining tuples are equal are one node. What such a node is worth is the sum over its
// edges of the weights of their digits times what the edges lead to. So a window over long axes costs a few products for
// each digit, where a sum over its tuples would cost one for each; the tuples are all listed, once, by the compiler, and no
// property of the relation is used.

// maxTuples is the largest relation of which a diagram is made.
const maxTuples = 1 << 16

// cut says where the bits of every letter are cut: ends[level][letter], the last level ending at all bits.
type cut [][]int

// diagram is under construction.
type diagram struct {
	*compiler
	letters []letterPoint
	cut     cut
	shift   []int // lowest bit of each level's digits in a tuple
	done    map[string]ref
}

// sumOf is the cheapest diagram of a relation, by the estimated gas of what the graph lacks, over digits of several widths.
// offset: by how many bits the digits of a letter are longer at the first level.
func (c *compiler) sumOf(letters []letterPoint, tuples [][]int, offset []int) ref {
	if len(tuples) == 0 {
		return c.zero()
	}
	var ways []func() ref
	for _, k := range cuts(letters, offset) {
		diagram := func() ref { return c.diagram(letters, tuples, k) }
		if len(tuples) > 1<<12 {
			if _, ok := c.costOf(func() { diagram() }); ok {
				return diagram()
			}
			continue
		}
		ways = append(ways, diagram)
	}
	return c.cheapest(ways...)
}

// cuts lists cuts to be tried: digits of 2, 1, 3, 4 bits and of all, each letter's first digit longer by its offset, or the
// offsets a level of their own.
func cuts(letters []letterPoint, offset []int) []cut {
	longest := 0
	for _, l := range letters {
		longest = max(longest, l.bits())
	}
	var out []cut
	for _, width := range []int{2, 1, 3, 4, 5, longest} {
		if width > longest {
			continue
		}
		for _, own := range []bool{false, true} {
			for whole := range 1 << len(letters) { // letters that lie in their first level
				var k cut
				at := 0
				if own {
					at = -width
					if !slices.ContainsFunc(offset, func(o int) bool { return o > 0 }) {
						continue
					}
				}
				for all := false; !all; {
					at += width
					all = true
					ends := make([]int, len(letters))
					for i, l := range letters {
						ends[i] = max(0, min(at+offset[i], l.bits()))
						if whole>>i&1 == 1 && ends[i] > 0 {
							ends[i] = l.bits()
						}
						all = all && ends[i] == l.bits()
					}
					k = append(k, ends)
				}
				if !slices.ContainsFunc(out, func(o cut) bool { return slices.EqualFunc(o, k, slices.Equal[[]int]) }) {
					out = append(out, k)
				}
			}
		}
	}
	return out
}

func (c *compiler) diagram(letters []letterPoint, tuples [][]int, k cut) ref {
	d := &diagram{compiler: c, letters: letters, cut: k, done: map[string]ref{}}
	bits := 0
	for level, ends := range k {
		d.shift = append(d.shift, bits)
		for i, e := range ends {
			bits += e - d.begin(level, i)
		}
	}
	if bits > 63 {
		panic(tooLarge{})
	}
	packed := make([]uint64, len(tuples))
	for i, t := range tuples {
		for level := range k {
			at := d.shift[level]
			for l, x := range t {
				begin := d.begin(level, l)
				width := k[level][l] - begin
				packed[i] |= uint64(x>>begin&(1<<width-1)) << at
				at += width
			}
		}
	}
	slices.Sort(packed)
	return d.node(len(k)-1, slices.Compact(packed))
}

// begin is the first bit of a letter's digit at a level.
func (d *diagram) begin(level, letter int) int {
	if level == 0 {
		return 0
	}
	return d.cut[level-1][letter]
}

// node is the value of tuples of digits up to a level.
func (d *diagram) node(level int, tuples []uint64) ref {
	if level < 0 {
		return d.one()
	}
	key := string(binary.AppendUvarint(nil, uint64(level)))
	for i, t := range tuples {
		if i > 0 {
			t -= tuples[i-1]
		}
		key += string(binary.AppendUvarint(nil, t))
	}
	if r, ok := d.done[key]; ok {
		return r
	}
	// edges of one target together
	edges := map[ref][]uint64{}
	var order []ref
	shift := d.shift[level]
	for len(tuples) > 0 {
		digits := tuples[0] >> shift
		n := 1
		for n < len(tuples) && tuples[n]>>shift == digits {
			n++
		}
		low := make([]uint64, n)
		for i, t := range tuples[:n] {
			low[i] = t & (1<<shift - 1)
		}
		to := d.node(level-1, low)
		if edges[to] == nil {
			order = append(order, to)
		}
		edges[to] = append(edges[to], digits)
		tuples = tuples[n:]
	}
	var pairs []pair
	for _, to := range order {
		pairs = append(pairs, pair{d.edges(level, len(d.letters)-1, d.widthBelow(level, len(d.letters)-1), edges[to]), to})
	}
	r := d.sum(pairs...)
	d.done[key] = r
	return r
}

// widthBelow are the bits, in the digits of a level, of the letters before one.
func (d *diagram) widthBelow(level, letter int) int {
	n := 0
	for i := range letter {
		n += d.cut[level][i] - d.begin(level, i)
	}
	return n
}

// edges is the sum over digits of letters 0 to letter, sorted, of the products of their weights.
func (d *diagram) edges(level, letter, at int, digits []uint64) ref {
	if letter < 0 {
		return d.integer(int64(len(digits)))
	}
	begin, end := d.begin(level, letter), d.cut[level][letter]
	below := 0
	if letter > 0 {
		below = d.widthBelow(level, letter-1)
	}
	if begin == end {
		return d.edges(level, letter-1, below, digits)
	}
	// digits of this letter by what the others contribute
	by := map[ref][]int{}
	var order []ref
	for len(digits) > 0 {
		x := digits[0] >> at
		n := 1
		for n < len(digits) && digits[n]>>at == x {
			n++
		}
		rest := make([]uint64, n)
		for i, t := range digits[:n] {
			rest[i] = t & (1<<at - 1)
		}
		to := d.edges(level, letter-1, below, rest)
		if by[to] == nil {
			order = append(order, to)
		}
		by[to] = append(by[to], int(x))
		digits = digits[n:]
	}
	var pairs []pair
	for _, to := range order {
		pairs = append(pairs, d.digits(d.letters[letter], begin, end, by[to], to)...)
	}
	return d.sum(pairs...)
}

// digits is factor times the sum of the weights of some values of one digit.
func (d *diagram) digits(l letterPoint, begin, end int, values []int, factor ref) []pair {
	if l.summed {
		return []pair{{d.integer(int64(len(values))), factor}}
	}
	if len(values) == 1<<(end-begin) {
		return []pair{{d.one(), factor}}
	}
	p := l.point[begin:end]
	at := d.digitWeights(p)
	if len(values) == 1 {
		return []pair{{at(values[0]), factor}}
	}
	listed := func(others bool) ref { // one by one, or all but the others
		var pairs []pair
		weight := d.one()
		if others {
			pairs = append(pairs, pair{d.one(), d.one()})
			weight = d.minus()
		}
		for x := range 1 << len(p) {
			if slices.Contains(values, x) != others {
				pairs = append(pairs, pair{weight, at(x)})
			}
		}
		return d.sum(pairs...)
	}
	return []pair{{d.cheapest(
		func() ref { return listed(false) },
		func() ref { return listed(true) },
		func() ref { return d.byBits(values, p) },
	), factor}}
}

// byBits is the sum of the weights of some values, sorted: bit by bit, the highest first.
func (c *compiler) byBits(values []int, p []coordinate) ref {
	switch len(values) {
	case 0:
		return c.zero()
	case 1 << len(p):
		return c.one()
	}
	n := len(p) - 1
	var zeros, ones []int
	for _, x := range values {
		if x>>n == 0 {
			zeros = append(zeros, x)
		} else {
			ones = append(ones, x-1<<n)
		}
	}
	if slices.Equal(zeros, ones) {
		return c.byBits(zeros, p[:n])
	}
	return c.sum(pair{p[n].not(), c.byBits(zeros, p[:n])}, pair{p[n].x(), c.byBits(ones, p[:n])})
}

// digitWeights are the values eq(x, p): those that are used, or all of a longer digit.
func (c *compiler) digitWeights(p []coordinate) func(x int) ref {
	if len(p) <= 3 {
		return func(x int) ref { return c.eqIndex(x, p) }
	}
	return c.table(p).at
}

// tuples lists the index tuples of a relation.
func (c *compiler) tuples(r *circuit.AxisRelation, at []letterPoint) [][]int {
	letters := make([]circuit.Axis, len(at))
	own := *r
	own.Letters = make([]circuit.Letter, len(at))
	for i, l := range at {
		letters[i].Len = l.length
		own.Letters[i] = circuit.Letter(i)
	}
	var out [][]int
	own.Each(letters, func(idx []int) {
		if len(out) == maxTuples {
			panic(tooLarge{})
		}
		out = append(out, slices.Clone(idx))
	})
	return out
}
