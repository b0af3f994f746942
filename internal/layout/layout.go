package layout

import (
	"fmt"
	"sort"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Segment names a part of V with rows of its own.
type Segment uint8

const (
	SegP Segment = iota // private constants of the key, blinded rows
	SegF                // fixed constants of the key, public rows
	SegW                // the prover's columns, free blocks, multiplicities, mask block and cover block
	SegH                // helper columns
)

// Rows is a run of committed rows.
type Rows struct{ First, Count int }

// Slot is the place of one slot's columns in V.
type Slot struct {
	In, Out int // offsets; Out is circuit.None for a single slot
}

// Tag is one block of a lookup column: at its entries the column looks into table Table (ID = Table+1).
type Tag struct {
	Table   int
	Dims    []int
	Address int // slot << HeightVars + position in the column, a multiple of the block's padded size
}

// Layout is the complete geometry of one proof. It is read-only after New.
type Layout struct {
	C   *circuit.Circuit
	Key bool // the key proof's layout

	L, N       int
	Rows       [4]Rows // by Segment
	At         []int   // offset of each block in V; circuit.None for Public blocks and, in a key layout, all but Private ones
	Slots      []Slot  // lookup columns
	Groups     [][]int // slots that share a helper column
	Helpers    []int   // offset of each group's helper column
	M, HT      int     // offsets of multiplicities and table helper
	Mask       int     // offset of the mask block
	Cover      int     // offset of the cover block of segment W, which nothing reads; it lies in one row
	CoverH     int     // offset of that of segment H
	Tags       []Tag
	Tables     []circuit.Table
	TableAt    []int // offset of each table in the stacked table
	HeightVars int
	TableVars  int

	Shape
}

// New lays out a circuit, which it checks.
func New(c *circuit.Circuit) (*Layout, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	l := &Layout{C: c, L: c.LogRow, Tables: c.Tables, Groups: c.Groups}
	l.placeTables()
	l.placeColumns()
	l.shape(c.Relations)
	return l, l.placeSegments()
}

// ForKey lays out the key proof of a circuit: nil if the circuit has no private block.
func ForKey(c *circuit.Circuit) (*Layout, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	sizes := blocksOf(c, circuit.Private)
	if len(sizes) == 0 {
		return nil, nil
	}
	l := &Layout{C: c, Key: true, L: c.LogRow, Tables: c.KeyTables}
	l.placeTables()
	l.cutKey(sizes)
	l.shape(nil)
	return l, l.placeSegments()
}

// blocksOf lists the blocks of a role.
func blocksOf(c *circuit.Circuit, role circuit.Role) []item {
	var out []item
	for i := range c.Blocks {
		if c.Blocks[i].Role == role {
			out = append(out, item{i, 1 << circuit.PaddedLog(c.Blocks[i].Dims)})
		}
	}
	return out
}

// item is something of a power-of-two size that needs a place.
type item struct{ id, size int }

// pack places items at multiples of their sizes, the largest first, without gaps. It returns the total size.
func pack(items []item, place func(id, at int)) int {
	sorted := append([]item(nil), items...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].size > sorted[j].size })
	at := 0
	for _, it := range sorted {
		place(it.id, at)
		at += it.size
	}
	return at
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// placeTables stacks the tables: the first places hold the padding row (0,0,0); each table lies at a multiple of its size.
func (l *Layout) placeTables() {
	order := make([]int, len(l.Tables))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return l.Tables[order[i]].Size < l.Tables[order[j]].Size })
	l.TableAt = make([]int, len(l.Tables))
	at := 1
	for _, t := range order {
		at = roundUp(at, l.Tables[t].Size)
		l.TableAt[t] = at
		at += l.Tables[t].Size
	}
	l.TableVars = circuit.Log2Ceil(at)
}

// placeColumns packs each slot's blocks into its column and derives the common height.
func (l *Layout) placeColumns() {
	c := l.C
	l.At = make([]int, len(c.Blocks))
	top := 1
	for s := range c.Slots {
		var items []item
		for i, look := range c.Slots[s].Lookups {
			items = append(items, item{i, 1 << circuit.PaddedLog(c.Blocks[look.In].Dims)})
		}
		size := pack(items, func(i, at int) {
			look := c.Slots[s].Lookups[i]
			l.Tags = append(l.Tags, Tag{look.Table, c.Blocks[look.In].Dims, at})
			l.At[look.In] = at
			if look.Out != circuit.None {
				l.At[look.Out] = at
			}
		})
		top = max(top, size)
	}
	l.HeightVars = circuit.Log2Ceil(top)
	i := 0
	for s := range c.Slots {
		for range c.Slots[s].Lookups {
			l.Tags[i].Address += s << l.HeightVars
			i++
		}
	}
}

// MaxKeyColumns bounds the columns of a key proof, which form one group, and so the degree of its rounds.
const MaxKeyColumns = 16

// cutKey cuts segment P, of the given blocks, into columns that form one group.
func (l *Layout) cutKey(sizes []item) {
	c := l.C
	l.At = make([]int, len(c.Blocks))
	total := pack(sizes, func(id, at int) {
		l.At[id] = at
		l.Tags = append(l.Tags, Tag{c.Blocks[id].KeyTable, c.Blocks[id].Dims, at})
	})
	count := 0
	l.HeightVars, count = keyHeight(total)
	group := make([]int, count)
	for s := range group {
		group[s] = s
	}
	l.Groups = [][]int{group}
}

// keyHeight chooses the height (log2) and number of the columns that hold total entries, for the prover: n columns of height
// 2^k are 2^k full-size scalars of the helper and some 2 n (n + 2) multiplications for each of them in sumcheck 1.
func keyHeight(total int) (vars, count int) {
	best := 0
	for k := 0; k <= circuit.Log2Ceil(total); k++ {
		n := (total + 1<<k - 1) >> k
		if n > MaxKeyColumns {
			continue
		}
		if cost := (keyScalar + 2*n*(n+2)) << k; best == 0 || cost < best {
			best, vars, count = cost, k, n
		}
	}
	return vars, count
}

// keyScalar is the cost of a full-size scalar, in multiplications.
const keyScalar = 120

// placeSegments places the four segments, largest blocks first, and turns all positions into offsets in V.
func (l *Layout) placeSegments() error {
	c, height := l.C, 1<<l.HeightVars
	row := 1 << l.L
	// what each segment holds; ids below the number of blocks are blocks, others are named here
	const mID, maskID, coverID, htID = -1, -2, -3, -4 // coverID in W and in H
	column := func(s, out int) int { return -(10 + 2*s + out) }
	helper := func(g int) int { return -(10 + g) }
	var items [4][]item
	items[SegP] = blocksOf(c, circuit.Private)
	if !l.Key {
		items[SegF] = blocksOf(c, circuit.Fixed)
		items[SegW] = blocksOf(c, circuit.Free)
		for s := range c.Slots {
			items[SegW] = append(items[SegW], item{column(s, 0), height})
			if c.Slots[s].Pair() {
				items[SegW] = append(items[SegW], item{column(s, 1), height})
			}
		}
	}
	items[SegW] = append(items[SegW], item{mID, 1 << l.TableVars}, item{maskID, 1 << l.MaskVars},
		item{coverID, coverSize})
	for g := range l.Groups {
		items[SegH] = append(items[SegH], item{helper(g), height})
	}
	items[SegH] = append(items[SegH], item{htID, 1 << l.TableVars}, item{coverID, CoverH})

	var at [4]map[int]int
	var size, largest [4]int
	for s := range items {
		at[s] = map[int]int{}
		size[s] = pack(items[s], func(id, x int) { at[s][id] = x })
		largest[s] = 1
		for _, it := range items[s] {
			largest[s] = max(largest[s], it.size)
		}
	}
	if l.Key {
		largest[SegP] = max(largest[SegP], height)
		size[SegP] = len(l.Groups[0]) * height
	}
	order := []Segment{SegP, SegF, SegW, SegH}
	sort.SliceStable(order, func(i, j int) bool { return largest[order[i]] > largest[order[j]] })
	var start [4]int
	end := 0
	for _, s := range order {
		start[s] = roundUp(end, max(row, largest[s]))
		used := size[s]
		if s == SegP && l.Key { // rows beyond the last block are the identity
			used = pack(items[SegP], func(int, int) {})
		}
		l.Rows[s] = Rows{start[s] >> l.L, roundUp(used, row) >> l.L}
		end = start[s] + roundUp(size[s], row)
	}
	l.N = max(circuit.Log2Ceil(end), l.L)
	if l.N > 36 {
		return fmt.Errorf("layout: the circuit needs 2^%d committed entries: too large", l.N)
	}
	l.resolve(func(s Segment, id int) int { return start[s] + at[s][id] }, column, helper)
	l.M, l.Mask, l.Cover = start[SegW]+at[SegW][mID], start[SegW]+at[SegW][maskID], start[SegW]+at[SegW][coverID]
	l.HT, l.CoverH = start[SegH]+at[SegH][htID], start[SegH]+at[SegH][coverID]
	return nil
}

// resolve writes the offsets of blocks, slots and helper columns.
func (l *Layout) resolve(at func(Segment, int) int, column func(s, out int) int, helper func(g int) int) {
	c := l.C
	for g := range l.Groups {
		l.Helpers = append(l.Helpers, at(SegH, helper(g)))
	}
	for i := range c.Blocks {
		switch c.Blocks[i].Role {
		case circuit.Private:
			l.At[i] = at(SegP, i)
		case circuit.Fixed:
			l.At[i] = at(SegF, i)
		case circuit.Free:
			l.At[i] = at(SegW, i)
		case circuit.Public:
			l.At[i] = circuit.None
		}
		if l.Key && c.Blocks[i].Role != circuit.Private {
			l.At[i] = circuit.None
		}
	}
	if l.Key {
		for s := range l.Groups[0] {
			l.Slots = append(l.Slots, Slot{l.Rows[SegP].First<<l.L + s<<l.HeightVars, circuit.None})
		}
		return
	}
	for s := range c.Slots {
		slot := Slot{at(SegW, column(s, 0)), circuit.None}
		if c.Slots[s].Pair() {
			slot.Out = at(SegW, column(s, 1))
		}
		for _, look := range c.Slots[s].Lookups {
			if look.Out != circuit.None {
				l.At[look.Out] += slot.Out
			}
			l.At[look.In] += slot.In
		}
		l.Slots = append(l.Slots, slot)
	}
}
