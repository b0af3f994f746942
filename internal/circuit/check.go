package circuit

import (
	"fmt"
	"slices"
)

// Size limits of a circuit: every decoder and the verifier rely on them.
const (
	MaxBlocks    = 1 << 20
	MaxRelations = 1 << 16
	MaxTables    = 1 << 12
	MaxSlots     = 1 << 12
	MaxRank      = 16
	MaxGroup     = 8
	MaxBlockLog  = 28      // padded entries of one block: at most 2^28
	MaxTableSize = 1 << 24 // rows of one table
	MinLogRow    = 8
	MaxLogRow    = 24
	MaxName      = 1 << 10
	MaxAxisLog   = 22      // a letter of an axis relation has a length of at most 2^22
	MaxAxisWork  = 1 << 24 // index tuples of all axis relations together: the verifier's work is linear in them
)

// Check returns the first defect of a circuit, or nil. It enforces the multilinearity rules of docs/protocol.md section 2,
// the table and slot rules of section 3, and all size limits. It does not say that blocks are determined or that integers
// do not wrap: package determinism does.
func (c *Circuit) Check() error {
	if len(c.Blocks) > MaxBlocks || len(c.Relations) > MaxRelations || len(c.Slots) > MaxSlots ||
		len(c.Tables) > MaxTables || len(c.KeyTables) > MaxTables {
		return fmt.Errorf("circuit: too many blocks, relations, slots or tables")
	}
	if c.LogRow < MinLogRow || c.LogRow > MaxLogRow {
		return fmt.Errorf("circuit: row length 2^%d outside 2^%d..2^%d", c.LogRow, MinLogRow, MaxLogRow)
	}
	for i := range c.Blocks {
		if err := c.checkBlock(&c.Blocks[i]); err != nil {
			return fmt.Errorf("circuit: block %d (%s): %w", i, c.Blocks[i].Name, err)
		}
	}
	for i := range c.Tables {
		if err := c.checkTable(&c.Tables[i]); err != nil {
			return fmt.Errorf("circuit: table %d (%s): %w", i, c.Tables[i].Name, err)
		}
	}
	for i := range c.KeyTables {
		t := &c.KeyTables[i]
		if err := c.checkTable(t); err != nil {
			return fmt.Errorf("circuit: key table %d (%s): %w", i, t.Name, err)
		}
		if t.Out != None {
			return fmt.Errorf("circuit: key table %d (%s): not a range table", i, t.Name)
		}
	}
	if err := c.checkSlots(); err != nil {
		return fmt.Errorf("circuit: %w", err)
	}
	if err := c.checkInputs(); err != nil {
		return fmt.Errorf("circuit: %w", err)
	}
	work := 0
	for i := range c.Relations {
		r := &c.Relations[i]
		if err := c.checkRelation(r); err != nil {
			return fmt.Errorf("circuit: relation %d (%s): %w", i, r.Name, err)
		}
		for j := range r.Sum {
			for k := range r.Sum[j].R {
				if work += r.Sum[j].R[k].work(r.Letters); work > MaxAxisWork {
					return fmt.Errorf("circuit: relation %d (%s): more than %d index tuples in axis relations", i, r.Name, MaxAxisWork)
				}
			}
		}
	}
	return nil
}

// work bounds the index tuples that Each visits and the entries of the letters' tables; check has passed.
func (a *AxisRelation) work(letters []Axis) int {
	n, product := 0, 1
	for i, l := range a.Letters {
		n += letters[l].Len
		if a.Kind == Window && i < 2 || a.Kind == Reshape && i < int(a.Params[0]) {
			product *= letters[l].Len
		}
	}
	return n + product
}

func (c *Circuit) checkBlock(b *Block) error {
	if len(b.Name) > MaxName || len(b.Dims) > MaxRank {
		return fmt.Errorf("name or rank too long")
	}
	if PaddedLog(b.Dims) > MaxBlockLog { // 64 for a length below 1
		return fmt.Errorf("an axis of length 0, or more than 2^%d entries", MaxBlockLog)
	}
	if b.Role > Free || b.Lo > b.Hi || b.Lo < -MaxInterval || b.Hi > MaxInterval {
		return fmt.Errorf("role %d, interval [%d, %d]", b.Role, b.Lo, b.Hi)
	}
	if (b.Role == Column || b.Role == Free) && (b.Lo != 0 || b.Hi != 0) {
		return fmt.Errorf("an interval on a block that has none of its own")
	}
	if b.Role != Private {
		if b.KeyTable != None {
			return fmt.Errorf("a key table on a block that is not private")
		}
		return nil
	}
	if b.KeyTable < 0 || b.KeyTable >= len(c.KeyTables) {
		return fmt.Errorf("key table %d does not exist", b.KeyTable)
	}
	t := &c.KeyTables[b.KeyTable]
	if b.Lo != t.Lo || b.Hi != t.Lo+int64(t.Size)-1 {
		return fmt.Errorf("interval [%d, %d] is not that of its key table", b.Lo, b.Hi)
	}
	return nil
}

func (c *Circuit) checkTable(t *Table) error {
	if len(t.Name) > MaxName {
		return fmt.Errorf("name too long")
	}
	if t.Size < 1 || t.Size > MaxTableSize || t.Size&(t.Size-1) != 0 {
		return fmt.Errorf("size %d is not a power of two up to 2^24", t.Size)
	}
	if t.Lo < -MaxInterval || t.Lo > MaxInterval {
		return fmt.Errorf("lowest input %d out of range", t.Lo)
	}
	if t.Out == None {
		if t.Dynamic {
			return fmt.Errorf("a dynamic table without a block")
		}
		return nil
	}
	if t.Out < 0 || t.Out >= len(c.Blocks) {
		return fmt.Errorf("block %d does not exist", t.Out)
	}
	b := &c.Blocks[t.Out]
	if t.Dynamic {
		if b.Role == Public || t.Lo != 0 || t.Size != 1<<PaddedLog(b.Dims) {
			return fmt.Errorf("a dynamic table is a whole committed block, from input 0")
		}
		return nil
	}
	if b.Role != Fixed || len(b.Dims) != 1 || b.Dims[0] != t.Size {
		return fmt.Errorf("a function table's output is a fixed block of dims [%d]", t.Size)
	}
	return nil
}

func (c *Circuit) checkInputs() error {
	seen := make([]bool, len(c.Blocks))
	for _, i := range c.Inputs {
		if i < 0 || i >= len(c.Blocks) || seen[i] {
			return fmt.Errorf("input block %d does not exist or is repeated", i)
		}
		seen[i] = true
		if r := c.Blocks[i].Role; r != Public && r != Column {
			return fmt.Errorf("input block %s is neither public nor in a lookup column", c.Blocks[i].Name)
		}
	}
	return nil
}

// MaxInterval bounds declared interval ends and coefficients.
const MaxInterval = 1 << 62

func (c *Circuit) checkSlots() error {
	uses := make([]int, len(c.Blocks))
	for s := range c.Slots {
		for _, l := range c.Slots[s].Lookups {
			if l.Table < 0 || l.Table >= len(c.Tables) {
				return fmt.Errorf("slot %d: table %d does not exist", s, l.Table)
			}
			if l.In < 0 || l.In >= len(c.Blocks) || l.Out < None || l.Out >= len(c.Blocks) {
				return fmt.Errorf("slot %d: a lookup of a block that does not exist", s)
			}
			uses[l.In]++
			if l.Out != None {
				uses[l.Out]++
				if !slices.Equal(c.Blocks[l.In].Dims, c.Blocks[l.Out].Dims) {
					return fmt.Errorf("slot %d: the blocks of a pair have different shapes", s)
				}
			}
		}
	}
	for i := range c.Blocks {
		want := 0
		if c.Blocks[i].Role == Column {
			want = 1
		}
		if uses[i] != want {
			return fmt.Errorf("block %d (%s): in %d lookups, not %d", i, c.Blocks[i].Name, uses[i], want)
		}
	}
	grouped := make([]bool, len(c.Slots))
	total := 0
	for _, g := range c.Groups {
		if len(g) < 1 || len(g) > MaxGroup {
			return fmt.Errorf("a group of %d slots", len(g))
		}
		for _, s := range g {
			if s < 0 || s >= len(c.Slots) || grouped[s] {
				return fmt.Errorf("the groups are no partition of the slots")
			}
			grouped[s] = true
			total++
		}
	}
	if total != len(c.Slots) {
		return fmt.Errorf("the groups are no partition of the slots")
	}
	return nil
}

func (c *Circuit) checkRelation(r *Relation) error {
	if len(r.Name) > MaxName || len(r.Letters) > 64 || len(r.Sum) > 1<<10 {
		return fmt.Errorf("too many letters or contractions")
	}
	for _, l := range r.Letters {
		if l.Len < 1 || l.Len > 1<<MaxBlockLog || len(l.Name) > MaxName {
			return fmt.Errorf("letter %s of length %d", l.Name, l.Len)
		}
	}
	if !slices.Equal(r.LHS.Letters, r.Out) {
		return fmt.Errorf("the left side does not hold exactly the output letters")
	}
	if err := c.checkExpr(r, &r.LHS); err != nil { // the output letters exist, and are distinct
		return err
	}
	if r.Vars(r.Out) > MaxBlockLog {
		return fmt.Errorf("more than 2^%d output entries", MaxBlockLog)
	}
	for i := range r.Sum {
		if err := c.checkContraction(r, &r.Sum[i]); err != nil {
			return fmt.Errorf("contraction %d: %w", i, err)
		}
	}
	return nil
}

func distinct(letters []Letter, count int) error {
	var seen [64]bool
	for _, l := range letters {
		if int(l) >= count || seen[l] {
			return fmt.Errorf("letter %d unknown or repeated", l)
		}
		seen[l] = true
	}
	return nil
}

func (c *Circuit) checkExpr(r *Relation, e *Expr) error {
	if err := distinct(e.Letters, len(r.Letters)); err != nil {
		return err
	}
	if len(e.Terms) > 1<<12 {
		return fmt.Errorf("too many terms")
	}
	for _, t := range e.Terms {
		if t.Coef < -MaxInterval || t.Coef > MaxInterval {
			return fmt.Errorf("coefficient %d out of range", t.Coef)
		}
		if err := distinct(t.Axes, len(r.Letters)); err != nil {
			return err
		}
		for _, l := range t.Axes {
			if !slices.Contains(e.Letters, l) {
				return fmt.Errorf("an axis letter that its expression does not hold")
			}
		}
		if t.Block == None {
			if len(t.Axes) != 0 {
				return fmt.Errorf("a constant with axes")
			}
			continue
		}
		if t.Block < 0 || t.Block >= len(c.Blocks) {
			return fmt.Errorf("block %d does not exist", t.Block)
		}
		dims := c.Blocks[t.Block].Dims
		if len(dims) != len(t.Axes) {
			return fmt.Errorf("block %s has rank %d, not %d", c.Blocks[t.Block].Name, len(dims), len(t.Axes))
		}
		for i, l := range t.Axes { // rule 5: a letter's bound is the length of every axis it names
			if r.Letters[l].Len != dims[i] {
				return fmt.Errorf("block %s: axis %d has length %d, its letter %s has %d",
					c.Blocks[t.Block].Name, i, dims[i], r.Letters[l].Name, r.Letters[l].Len)
			}
		}
	}
	return nil
}

// Holders counts, for every letter of the relation, the factors A, B and R of a contraction that hold it.
func (r *Relation) Holders(k *Contraction) []int {
	n := make([]int, len(r.Letters))
	for _, l := range k.A.Letters {
		n[l]++
	}
	if k.B != nil {
		for _, l := range k.B.Letters {
			n[l]++
		}
	}
	for i := range k.R {
		for _, l := range k.R[i].Letters {
			n[l]++
		}
	}
	return n
}

func (c *Circuit) checkContraction(r *Relation, k *Contraction) error {
	if err := c.checkExpr(r, &k.A); err != nil {
		return err
	}
	if k.B != nil {
		if err := c.checkExpr(r, k.B); err != nil {
			return err
		}
	}
	if err := distinct(k.Inner, len(r.Letters)); err != nil {
		return err
	}
	if r.Vars(k.Inner) > 40 {
		return fmt.Errorf("too many inner variables")
	}
	var inRelation [64]bool
	for i := range k.R {
		if err := k.R[i].check(r.Letters); err != nil {
			return err
		}
		for _, l := range k.R[i].Letters {
			if inRelation[l] {
				return fmt.Errorf("letter %s in two axis relations", r.Letters[l].Name)
			}
			inRelation[l] = true
		}
	}
	held := r.Holders(k)
	var inner [64]bool
	for _, l := range k.Inner {
		inner[l] = true
		if held[l] == 0 { // rule 4: it would count 2^k, not its length
			return fmt.Errorf("inner letter %s is held by no factor", r.Letters[l].Name)
		}
	}
	for l := range r.Letters {
		out := slices.Contains(r.Out, Letter(l))
		switch {
		case out && inner[l]:
			return fmt.Errorf("letter %s is both output and inner", r.Letters[l].Name)
		case out && held[l] > 1: // rule 1
			return fmt.Errorf("output letter %s is held by %d factors", r.Letters[l].Name, held[l])
		case !out && !inner[l] && held[l] > 0:
			return fmt.Errorf("letter %s is neither output nor inner", r.Letters[l].Name)
		}
	}
	return nil
}

func (a *AxisRelation) check(letters []Axis) error {
	if err := distinct(a.Letters, len(letters)); err != nil {
		return err
	}
	length := func(i int) int { return letters[a.Letters[i]].Len }
	for i := range a.Letters {
		if length(i) > 1<<MaxAxisLog {
			return fmt.Errorf("axis relation over a letter of length %d", length(i))
		}
	}
	shape := func(n, params int) error {
		if len(a.Letters) != n || len(a.Params) != params {
			return fmt.Errorf("axis relation of kind %d with %d letters and %d parameters", a.Kind, len(a.Letters), len(a.Params))
		}
		for _, p := range a.Params {
			if p < -1<<30 || p > 1<<30 {
				return fmt.Errorf("axis parameter %d out of range", p)
			}
		}
		return nil
	}
	switch a.Kind {
	case Same:
		if err := shape(2, 0); err != nil {
			return err
		}
		if length(0) != length(1) {
			return fmt.Errorf("`same` between lengths %d and %d", length(0), length(1))
		}
	case Window:
		if err := shape(3, 3); err != nil {
			return err
		}
		if a.Params[0] < 1 || a.Params[1] < 1 {
			return fmt.Errorf("window with stride %d, dilation %d", a.Params[0], a.Params[1])
		}
	case Affine:
		if err := shape(2, 2); err != nil {
			return err
		}
	case Index:
		if len(a.Letters) != 2 {
			return fmt.Errorf("`index` with %d letters", len(a.Letters))
		}
		if err := shape(2, length(0)); err != nil {
			return err
		}
		for _, p := range a.Params {
			if p < -1 || p >= int64(length(1)) {
				return fmt.Errorf("`index` entry %d outside 0..%d", p, length(1)-1)
			}
		}
	case Reshape:
		if err := shape(len(a.Letters), 1); err != nil {
			return err
		}
		left := int(a.Params[0])
		if left < 1 || left >= len(a.Letters) {
			return fmt.Errorf("`reshape` with %d letters on the left of %d", left, len(a.Letters))
		}
		sides := [2]int{1, 1}
		for i := range a.Letters {
			side := 0
			if i >= left {
				side = 1
			}
			if sides[side] *= length(i); sides[side] > 1<<MaxBlockLog { // and no product wraps
				return fmt.Errorf("`reshape` of more than 2^%d entries", MaxBlockLog)
			}
		}
		if sides[0] != sides[1] {
			return fmt.Errorf("`reshape` between %d and %d entries", sides[0], sides[1])
		}
	default:
		return fmt.Errorf("axis relation of unknown kind %d", a.Kind)
	}
	return nil
}
