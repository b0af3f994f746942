package tamper

import (
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// Defect is one way to make a circuit malformed.
type Defect struct {
	Name  string
	Edit  func(c *circuit.Circuit) // of Toy's circuit
	Wants string                   // what circuit.Check says, and says of nothing else
}

// Toy is the circuit that Defects change: small, with every kind of block, table and relation, and a slot for each lookup.
func Toy() *circuit.Circuit {
	n, err := toynet.New(1, func(c *circuit.Circuit, lookups []circuit.Lookup) error {
		c.LogRow = circuit.MinLogRow
		for i, l := range lookups {
			c.Slots = append(c.Slots, circuit.Slot{Lookups: []circuit.Lookup{l}})
			if i%2 == 0 {
				c.Groups = append(c.Groups, nil)
			}
			g := &c.Groups[len(c.Groups)-1]
			*g = append(*g, i)
		}
		return c.Check()
	})
	if err != nil {
		panic("tamper: internal error: " + err.Error())
	}
	return n.C
}

// Blocks, tables and relations of the toy network that the cases below change.
const (
	bPub, bX, bW1, bW3, bRelu      = 0, 1, 2, 4, 5
	tS4, tRelu, tYq                = 0, 1, 4
	rConv, rSlice, rFlatten, rPick = 0, 3, 8, 10
)

func contraction(c *circuit.Circuit, r int) *circuit.Contraction { return &c.Relations[r].Sum[0] }

func axis(c *circuit.Circuit, r, i int) *circuit.AxisRelation { return &contraction(c, r).R[i] }

// index is the toy network's axis relation of kind Index.
func index(c *circuit.Circuit) *circuit.AxisRelation {
	for i := range c.Relations {
		for j := range c.Relations[i].Sum {
			for k := range c.Relations[i].Sum[j].R {
				if a := &c.Relations[i].Sum[j].R[k]; a.Kind == circuit.Index {
					return a
				}
			}
		}
	}
	panic("tamper: internal error: no index relation")
}

// longAxis gives relation 0 some linear contractions of 1 over a letter of the given length, tied to one of length 1.
func longAxis(c *circuit.Circuit, length, count int) {
	r := &c.Relations[0]
	i := circuit.Letter(len(r.Letters))
	r.Letters = append(r.Letters, circuit.Axis{Name: "long", Len: length}, circuit.Axis{Name: "one", Len: 1})
	for range count {
		r.Sum = append(r.Sum, circuit.Contraction{
			Inner: []circuit.Letter{i, i + 1},
			A:     circuit.Expr{Letters: []circuit.Letter{i}, Terms: []circuit.Term{{Coef: 1, Block: circuit.None}}},
			R:     []circuit.AxisRelation{{Kind: circuit.Affine, Letters: []circuit.Letter{i, i + 1}, Params: []int64{0, 1}}},
		})
	}
}

// addBlocks adds free blocks in no relation, and returns the last.
func addBlocks(c *circuit.Circuit, n int) *circuit.Block {
	for range n {
		c.Blocks = append(c.Blocks, circuit.Block{Role: circuit.Free, KeyTable: circuit.None})
	}
	return &c.Blocks[len(c.Blocks)-1]
}

// addLetters gives relation 0 letters of length 1 that nothing holds, up to n, and returns the last.
func addLetters(c *circuit.Circuit, n int) *circuit.Axis {
	r := &c.Relations[0]
	for len(r.Letters) < n {
		r.Letters = append(r.Letters, circuit.Axis{Name: "idle", Len: 1})
	}
	return &r.Letters[n-1]
}

// addRelation adds 0 = 0 over letters of the given lengths, and returns it.
func addRelation(c *circuit.Circuit, out []circuit.Letter, lens ...int) *circuit.Relation {
	r := circuit.Relation{Out: out, LHS: circuit.Expr{Letters: out}}
	for _, n := range lens {
		r.Letters = append(r.Letters, circuit.Axis{Len: n})
	}
	c.Relations = append(c.Relations, r)
	return &c.Relations[len(c.Relations)-1]
}

// addReshape adds a relation of one reshape, with some letters on its left side.
func addReshape(c *circuit.Circuit, left int64, out []circuit.Letter, lens ...int) {
	r := addRelation(c, out, lens...)
	k := circuit.Contraction{A: circuit.Expr{Terms: []circuit.Term{{Coef: 1, Block: circuit.None}}}}
	a := circuit.AxisRelation{Kind: circuit.Reshape, Params: []int64{left}}
	for i := range r.Letters {
		l := circuit.Letter(i)
		a.Letters = append(a.Letters, l)
		if !slices.Contains(out, l) {
			k.Inner = append(k.Inner, l)
		}
	}
	k.R = []circuit.AxisRelation{a}
	r.Sum = []circuit.Contraction{k}
}

// addTables fills a list of tables up to one too many.
func addTables(list []circuit.Table) []circuit.Table {
	for len(list) <= circuit.MaxTables {
		list = append(list, circuit.Table{Size: 1, Out: circuit.None})
	}
	return list
}

// addSlots adds empty slots, in groups of one, up to n.
func addSlots(c *circuit.Circuit, n int) {
	for len(c.Slots) < n {
		c.Groups = append(c.Groups, []int{len(c.Slots)})
		c.Slots = append(c.Slots, circuit.Slot{})
	}
}

var long = strings.Repeat("x", circuit.MaxName+1)

// Defects break one rule of circuit.Check each.
var Defects = []Defect{
	{"many blocks", func(c *circuit.Circuit) { addBlocks(c, circuit.MaxBlocks) }, "too many blocks"},
	{"many tables", func(c *circuit.Circuit) { c.Tables = addTables(c.Tables) }, "too many blocks"},
	{"many key tables", func(c *circuit.Circuit) { c.KeyTables = addTables(c.KeyTables) }, "too many blocks"},
	{"many slots", func(c *circuit.Circuit) { addSlots(c, circuit.MaxSlots+1) }, "too many blocks"},
	{"many relations", func(c *circuit.Circuit) { c.Relations = make([]circuit.Relation, circuit.MaxRelations+1) }, "too many blocks"},
	{"long axis relation", func(c *circuit.Circuit) { longAxis(c, 1<<circuit.MaxAxisLog+1, 1) }, "axis relation over a letter of length"},
	{"many index tuples", func(c *circuit.Circuit) { longAxis(c, 1<<circuit.MaxAxisLog, 4) }, "index tuples in axis relations"},
	{"short row", func(c *circuit.Circuit) { c.LogRow = circuit.MinLogRow - 1 }, "row length"},
	{"long row", func(c *circuit.Circuit) { c.LogRow = circuit.MaxLogRow + 1 }, "row length"},

	{"block name", func(c *circuit.Circuit) { c.Blocks[bX].Name = long }, "name or rank too long"},
	{"block rank", func(c *circuit.Circuit) { addBlocks(c, 1).Dims = slices.Repeat([]int{1}, circuit.MaxRank+1) }, "name or rank too long"},
	{"axis of length 0", func(c *circuit.Circuit) { c.Blocks[bX].Dims[0] = 0 }, "an axis of length 0"},
	{"axis too long", func(c *circuit.Circuit) { addBlocks(c, 1).Dims = []int{1<<circuit.MaxBlockLog + 1} }, "more than 2^28 entries"},
	{"padded size", func(c *circuit.Circuit) { addBlocks(c, 1).Dims = []int{1<<14 + 1, 1 << 14} }, "more than 2^28 entries"},
	{"role", func(c *circuit.Circuit) { addBlocks(c, 1).Role = circuit.Free + 1 }, "role 5"},
	{"empty interval", func(c *circuit.Circuit) { c.Blocks[bPub].Lo = 3 }, "interval [3, 2]"},
	{"low interval", func(c *circuit.Circuit) { c.Blocks[bPub].Lo = -circuit.MaxInterval - 1 }, "role 0, interval"},
	{"high interval", func(c *circuit.Circuit) { c.Blocks[bPub].Hi = circuit.MaxInterval + 1 }, "role 0, interval"},
	{"interval of a column", func(c *circuit.Circuit) { c.Blocks[bX].Hi = 1 }, "an interval on a block that has none"},
	{"key table on a column", func(c *circuit.Circuit) { c.Blocks[bX].KeyTable = 0 }, "a key table on a block that is not private"},
	{"no key table", func(c *circuit.Circuit) { c.Blocks[bW1].KeyTable = circuit.None }, "key table -1 does not exist"},
	{"unknown key table", func(c *circuit.Circuit) { c.Blocks[bW1].KeyTable = 2 }, "key table 2 does not exist"},
	{"low end of a key block", func(c *circuit.Circuit) { c.Blocks[bW1].Lo++ }, "is not that of its key table"},
	{"high end of a key block", func(c *circuit.Circuit) { c.Blocks[bW1].Hi++ }, "is not that of its key table"},

	{"table name", func(c *circuit.Circuit) { c.Tables[tS4].Name = long }, "name too long"},
	{"table size 0", func(c *circuit.Circuit) { c.Tables[tS4].Size = 0 }, "size 0 is not a power of two"},
	{"table size 3", func(c *circuit.Circuit) { c.Tables[tS4].Size = 3 }, "size 3 is not a power of two"},
	{"table size", func(c *circuit.Circuit) { c.Tables[tS4].Size = 2 * circuit.MaxTableSize }, "is not a power of two"},
	{"low table", func(c *circuit.Circuit) { c.Tables[tS4].Lo = -circuit.MaxInterval - 1 }, "lowest input"},
	{"high table", func(c *circuit.Circuit) { c.Tables[tS4].Lo = circuit.MaxInterval + 1 }, "lowest input"},
	{"dynamic without block", func(c *circuit.Circuit) { c.Tables[tS4].Dynamic = true }, "a dynamic table without a block"},
	{"table of no block", func(c *circuit.Circuit) { c.Tables[tRelu].Out = 99 }, "block 99 does not exist"},
	{"table of block -2", func(c *circuit.Circuit) { c.Tables[tRelu].Out = -2 }, "block -2 does not exist"},
	{"public dynamic table", func(c *circuit.Circuit) { c.Tables[tYq].Out, c.Tables[tYq].Size = bPub, 8 }, "a dynamic table is a whole"},
	{"dynamic table from 1", func(c *circuit.Circuit) { c.Tables[tYq].Lo = 1 }, "a dynamic table is a whole"},
	{"dynamic table too large", func(c *circuit.Circuit) { c.Tables[tYq].Size = 16 }, "a dynamic table is a whole"},
	{"function of a column", func(c *circuit.Circuit) { b := &c.Blocks[bRelu]; b.Role, b.Lo, b.Hi = circuit.Free, 0, 0 }, "a function table's output is a fixed block"},
	{"function of rank 2", func(c *circuit.Circuit) { c.Tables[tRelu].Out, c.Tables[tRelu].Size = bW3, 4 }, "a function table's output is a fixed block"},
	{"function of another size", func(c *circuit.Circuit) { c.Tables[tRelu].Size = 128 }, "a function table's output is a fixed block"},
	{"key table", func(c *circuit.Circuit) { c.KeyTables = append(c.KeyTables, circuit.Table{Size: 3, Out: circuit.None}) }, "key table 2 (): size 3"},
	{"key table of a function", func(c *circuit.Circuit) { c.KeyTables = append(c.KeyTables, c.Tables[tRelu]) }, "key table 2 (relu): not a range table"},

	{"lookup in no table", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].Table = 99 }, "slot 0: table 99 does not exist"},
	{"lookup in table -1", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].Table = -1 }, "slot 0: table -1 does not exist"},
	{"lookup of no block", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].In = 99 }, "a lookup of a block that does not exist"},
	{"lookup of block -2", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].In = -2 }, "a lookup of a block that does not exist"},
	{"output of no block", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].Out = 99 }, "a lookup of a block that does not exist"},
	{"output of block -2", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].Out = -2 }, "a lookup of a block that does not exist"},
	{"input is output", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].Out = bX }, "in 2 lookups, not 1"},
	{"pair of shapes", func(c *circuit.Circuit) {
		addBlocks(c, 1).Role = circuit.Column
		c.Slots[0].Lookups[0].Out = len(c.Blocks) - 1
	}, "the blocks of a pair have different shapes"},
	{"column in two lookups", func(c *circuit.Circuit) { c.Slots[0].Lookups = append(c.Slots[0].Lookups, c.Slots[0].Lookups[0]) }, "in 2 lookups, not 1"},
	{"column in no lookup", func(c *circuit.Circuit) { c.Slots[1].Lookups[0].Out = circuit.None }, "block 7 (y1): in 0 lookups, not 1"},
	{"public block in a lookup", func(c *circuit.Circuit) { c.Slots[0].Lookups[0].In = bPub }, "block 0 (Pub): in 1 lookups, not 0"},
	{"empty group", func(c *circuit.Circuit) { c.Groups = append(c.Groups, nil) }, "a group of 0 slots"},
	{"large group", func(c *circuit.Circuit) {
		addSlots(c, circuit.MaxGroup+1)
		c.Groups = [][]int{{0, 1, 2, 3, 4, 5, 6, 7, 8}}
	}, "a group of 9 slots"},
	{"slot in two groups", func(c *circuit.Circuit) { c.Groups = append(c.Groups, []int{0}) }, "no partition"},
	{"slot in no group", func(c *circuit.Circuit) { c.Groups = c.Groups[1:] }, "no partition"},
	{"slot twice for another", func(c *circuit.Circuit) { c.Groups[0] = []int{0, 0} }, "no partition"},
	{"slot -1", func(c *circuit.Circuit) { c.Groups[0] = []int{0, -1} }, "no partition"},
	{"unknown slot", func(c *circuit.Circuit) { c.Groups[0] = []int{0, 99} }, "no partition"},

	{"unknown input", func(c *circuit.Circuit) { c.Inputs = []int{99} }, "input block 99"},
	{"input -1", func(c *circuit.Circuit) { c.Inputs = []int{-1} }, "input block -1"},
	{"input twice", func(c *circuit.Circuit) { c.Inputs = []int{bX, bX} }, "input block 1 does not exist or is repeated"},
	{"private input", func(c *circuit.Circuit) { c.Inputs = []int{bW1} }, "input block W1 is neither"},

	{"relation name", func(c *circuit.Circuit) { c.Relations[0].Name = long }, "too many letters or contractions"},
	{"many letters", func(c *circuit.Circuit) { addLetters(c, 65) }, "too many letters or contractions"},
	{"many contractions", func(c *circuit.Circuit) { c.Relations[0].Sum = make([]circuit.Contraction, 1<<10+1) }, "too many letters or contractions"},
	{"letter of length 0", func(c *circuit.Circuit) { addLetters(c, 8).Len = 0 }, "letter idle of length 0"},
	{"letter too long", func(c *circuit.Circuit) { addLetters(c, 8).Len = 1<<circuit.MaxBlockLog + 1 }, "letter idle of length"},
	{"letter name", func(c *circuit.Circuit) { c.Relations[0].Letters[0].Name = long }, "of length 3"},
	{"unknown output letter", func(c *circuit.Circuit) { addRelation(c, []circuit.Letter{0, 63}, 2) }, "letter 63 unknown or repeated"},
	{"output letter twice", func(c *circuit.Circuit) { addRelation(c, []circuit.Letter{0, 0}, 2) }, "letter 0 unknown or repeated"},
	{"left side with a letter less", func(c *circuit.Circuit) { addRelation(c, []circuit.Letter{0}, 2).LHS.Letters = nil }, "exactly the output letters"},
	{"left side with a letter more", func(c *circuit.Circuit) { addRelation(c, nil, 2).LHS.Letters = []circuit.Letter{0} }, "exactly the output letters"},
	{"large output", func(c *circuit.Circuit) { addRelation(c, []circuit.Letter{0, 1}, 1<<15, 1<<14) }, "more than 2^28 output entries"},
	{"unknown held letter", func(c *circuit.Circuit) { a := &contraction(c, rConv).A; a.Letters = append(a.Letters, 60) }, "letter 60 unknown or repeated"},
	{"held letter twice", func(c *circuit.Circuit) { a := &contraction(c, rConv).A; a.Letters = append(a.Letters, 6) }, "letter 6 unknown or repeated"},
	{"many terms", func(c *circuit.Circuit) {
		c.Relations[0].LHS.Terms = slices.Repeat([]circuit.Term{{Coef: 1, Block: circuit.None}}, 1<<12+1)
	}, "too many terms"},
	{"large coefficient", func(c *circuit.Circuit) { c.Relations[0].LHS.Terms[0].Coef = circuit.MaxInterval + 1 }, "coefficient 46116"},
	{"small coefficient", func(c *circuit.Circuit) { c.Relations[0].LHS.Terms[0].Coef = -circuit.MaxInterval - 1 }, "coefficient -46116"},
	{"axis letter twice", func(c *circuit.Circuit) {
		addBlocks(c, 1).Dims = []int{2, 2}
		addRelation(c, []circuit.Letter{0}, 2).LHS.Terms = []circuit.Term{{Coef: 1, Block: len(c.Blocks) - 1, Axes: []circuit.Letter{0, 0}}}
	}, "letter 0 unknown or repeated"},
	{"axis letter that is not held", func(c *circuit.Circuit) { a := &contraction(c, rConv).A; a.Letters = a.Letters[1:] }, "an axis letter that its expression"},
	{"constant with axes", func(c *circuit.Circuit) { c.Relations[0].LHS.Terms[0].Block = circuit.None }, "a constant with axes"},
	{"term of no block", func(c *circuit.Circuit) { c.Relations[0].LHS.Terms[0].Block = 99 }, "block 99 does not exist"},
	{"term of block -2", func(c *circuit.Circuit) { c.Relations[0].LHS.Terms[0].Block = -2 }, "block -2 does not exist"},
	{"rank", func(c *circuit.Circuit) { c.Relations[0].LHS.Terms[0].Axes = []circuit.Letter{0} }, "block q1 has rank 3, not 1"},
	{"letter length", func(c *circuit.Circuit) { c.Relations[0].LHS.Terms[0].Axes = []circuit.Letter{2, 1, 0} }, "block q1: axis 0 has length 3"},
	{"B is checked", func(c *circuit.Circuit) { contraction(c, rConv).B.Terms[0].Block = 99 }, "contraction 0: block 99 does not exist"},
	{"unknown inner letter", func(c *circuit.Circuit) { k := contraction(c, rConv); k.Inner = append(k.Inner, 63) }, "letter 63 unknown or repeated"},
	{"inner letter twice", func(c *circuit.Circuit) { k := contraction(c, rConv); k.Inner = append(k.Inner, k.Inner[0]) }, "unknown or repeated"},
	{"large sum", func(c *circuit.Circuit) {
		r := &c.Relations[rConv]
		r.Letters = append(r.Letters, circuit.Axis{Name: "big", Len: 1 << 28}, circuit.Axis{Name: "big2", Len: 1 << 13})
		r.Sum[0].Inner = append(r.Sum[0].Inner, 7, 8)
		r.Sum[0].A.Letters = append(r.Sum[0].A.Letters, 7, 8)
	}, "too many inner variables"},
	{"letter in two axis relations", func(c *circuit.Circuit) {
		k := contraction(c, rConv) // c and u, which is in the window
		k.R = append(k.R, circuit.AxisRelation{Kind: circuit.Affine, Letters: []circuit.Letter{4, 5}, Params: []int64{0, 1}})
	}, "letter f in two axis relations"},
	{"inner letter that nothing holds", func(c *circuit.Circuit) {
		r := &c.Relations[rConv]
		r.Letters = append(r.Letters, circuit.Axis{Name: "idle", Len: 2})
		r.Sum[0].Inner = append(r.Sum[0].Inner, 7)
	}, "inner letter idle is held by no factor"},
	{"letter both output and inner", func(c *circuit.Circuit) { k := contraction(c, rConv); k.Inner = append(k.Inner, 0) }, "letter a is both output and inner"},
	{"output letter in two factors", func(c *circuit.Circuit) { k := contraction(c, rConv); k.A.Letters = append(k.A.Letters, 1) }, "output letter b is held by 2 factors"},
	{"letter neither output nor inner", func(c *circuit.Circuit) { k := contraction(c, rConv); k.Inner = k.Inner[:3] }, "is neither output nor inner"},

	{"axis kind", func(c *circuit.Circuit) { axis(c, rConv, 0).Kind = 9 }, "axis relation of unknown kind 9"},
	{"axis relation of an unknown letter", func(c *circuit.Circuit) { axis(c, rConv, 0).Letters = []circuit.Letter{0, 63} }, "letter 63 unknown or repeated"},
	{"axis relation's letters", func(c *circuit.Circuit) { axis(c, rConv, 0).Letters = []circuit.Letter{0, 0} }, "letter 0 unknown or repeated"},
	{"same with a parameter", func(c *circuit.Circuit) { axis(c, rConv, 0).Params = []int64{1} }, "kind 0 with 2 letters and 1 parameters"},
	{"same of lengths", func(c *circuit.Circuit) { axis(c, rConv, 0).Letters[1] = 4 }, "`same` between lengths 3 and 2"},
	{"window of two letters", func(c *circuit.Circuit) { a := axis(c, rConv, 1); a.Letters = a.Letters[:2] }, "kind 1 with 2 letters"},
	{"window without pad", func(c *circuit.Circuit) { a := axis(c, rConv, 1); a.Params = a.Params[:2] }, "kind 1 with 3 letters and 2 parameters"},
	{"window stride", func(c *circuit.Circuit) { axis(c, rConv, 1).Params[0] = 0 }, "window with stride 0"},
	{"window dilation", func(c *circuit.Circuit) { axis(c, rConv, 1).Params[1] = 0 }, "window with stride 1, dilation 0"},
	{"large pad", func(c *circuit.Circuit) { axis(c, rConv, 1).Params[2] = 1<<30 + 1 }, "axis parameter"},
	{"large negative pad", func(c *circuit.Circuit) { axis(c, rConv, 1).Params[2] = -1<<30 - 1 }, "axis parameter"},
	{"affine of three letters", func(c *circuit.Circuit) { a := axis(c, rSlice, 0); a.Letters = append(a.Letters, 0) }, "kind 2 with 3 letters"},
	{"affine without step", func(c *circuit.Circuit) { a := axis(c, rSlice, 0); a.Params = a.Params[:1] }, "kind 2 with 2 letters and 1 parameters"},
	{"index of no letter", func(c *circuit.Circuit) { index(c).Letters = nil }, "`index` with 0 letters"},
	{"index of one letter", func(c *circuit.Circuit) { index(c).Letters = index(c).Letters[:1] }, "`index` with 1 letters"},
	{"index of another length", func(c *circuit.Circuit) { index(c).Params = nil }, "kind 3 with 2 letters and 0 parameters"},
	{"index beyond", func(c *circuit.Circuit) { index(c).Params[0] = 5 }, "`index` entry 5 outside 0..4"},
	{"index below", func(c *circuit.Circuit) { index(c).Params[0] = -2 }, "`index` entry -2 outside"},
	{"reshape without parameter", func(c *circuit.Circuit) { axis(c, rFlatten, 0).Params = nil }, "kind 4 with 3 letters and 0 parameters"},
	{"reshape of nothing", func(c *circuit.Circuit) { addReshape(c, 0, nil, 1, 1) }, "`reshape` with 0 letters on the left of 2"},
	{"reshape to nothing", func(c *circuit.Circuit) { addReshape(c, 2, nil, 1, 1) }, "`reshape` with 2 letters on the left of 2"},
	{"reshape of sizes", func(c *circuit.Circuit) { axis(c, rFlatten, 0).Params[0] = 2 }, "`reshape` between 18 and 2 entries"},
	// 3847730 * 98954 * 5581 * 8681 is 2^64 + 4
	{"reshape that wraps", func(c *circuit.Circuit) {
		addReshape(c, 4, []circuit.Letter{2, 3, 5}, 3847730, 98954, 5581, 8681, 2, 2)
	}, "`reshape` of more than 2^28 entries"},
}
