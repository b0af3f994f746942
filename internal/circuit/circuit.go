package circuit

import "math/bits"

// Role says who fixes a block and where it is committed.
type Role uint8

const (
	// Public blocks are instances: the verifier knows every entry and checks it against [Lo, Hi]. They are not committed.
	Public Role = iota
	// Fixed blocks are public constants committed at setup in rows of their own (segment F of the key), without blinding:
	// whoever accepts a key recomputes them. Output columns of function tables are Fixed.
	Fixed
	// Private blocks are committed at setup in blinded rows (segment P); the key proof shows each entry in KeyTable.
	Private
	// Column blocks are committed by the prover in the lookup columns: each occurs in exactly one Lookup.
	Column
	// Free blocks are committed by the prover in no column: a relation determines each.
	Free
)

// None marks an absent block or table reference.
const None = -1

// Block is one integer tensor.
type Block struct {
	Name string
	Dims []int // rank 0 is a scalar; every length is at least 1
	Role Role
	// Lo and Hi bound the entries, both inclusive. Public: checked by the verifier. Fixed: recomputed with the values.
	// Private: the interval of KeyTable. Column, Free: unused (0, 0); package determinism derives their intervals.
	Lo, Hi int64
	// KeyTable indexes Circuit.KeyTables for a Private block; None otherwise.
	KeyTable int
}

// Table is a set of rows (id, Lo+i, out[i]) for i < Size; the id is the table's index plus 1, so it is never 0.
type Table struct {
	Name string
	Lo   int64
	Size int // a power of two, 1 <= Size <= 2^24
	// Out is the block that holds the output column. None: a range table (out = 0).
	// Otherwise a Fixed block of dims [Size] (a function table), or, if Dynamic, a committed block whose padded entries
	// are the rows (then Lo = 0, Size = the block's padded size, and `in` is the flat padded index).
	Out     int
	Dynamic bool
}

// Lookup says that for every index x of block In, (In[x], Out[x]) is a row of the table; Out = None stands for 0.
type Lookup struct {
	In, Out int // blocks with role Column, equal dims
	Table   int
}

// Slot is one lookup at each height of the lookup columns: a pair slot (some Out present) owns two columns, else one.
type Slot struct {
	Lookups []Lookup
}

// Pair reports whether the slot owns an output column.
func (s *Slot) Pair() bool {
	for _, l := range s.Lookups {
		if l.Out != None {
			return true
		}
	}
	return false
}

// Letter indexes Relation.Letters.
type Letter = uint8

// Axis is a letter of a relation: a printable name and the length of every axis that it names.
type Axis struct {
	Name string
	Len  int
}

// Term is Coef * block[Axes]; Block = None stands for the constant 1 (no axes).
type Term struct {
	Coef  int64
	Block int
	Axes  []Letter // one distinct letter for each axis of the block
}

// Expr is an affine form over blocks. Letters lists the letters it holds; a letter absent from a term broadcasts inside
// its bound (the term is 0 in the padding).
type Expr struct {
	Letters []Letter
	Terms   []Term
}

// Contraction is sum over Inner of A * B * prod R, for every value of the output letters. B = nil: a linear contraction.
//
// Inner lists the summed letters in the order in which sumcheck 1 binds them; the first letter owns the lowest variables.
// Letters of B come first, so that the prover may fold A and the axis relations over the other letters.
type Contraction struct {
	Inner []Letter
	A     Expr
	B     *Expr
	R     []AxisRelation
}

// Relation states LHS[out] = sum of contractions, for all values of the output letters inside their bounds, and 0 = 0 in
// the padding. LHS.Letters is Out.
type Relation struct {
	Name    string // the network node that it comes from, for messages
	Letters []Axis
	Out     []Letter // row-major: the last letter owns the lowest variables of the output point
	LHS     Expr
	Sum     []Contraction
}

// Circuit is the whole statement. Its canonical encoding is what keys and proofs bind (Encode, Digest).
type Circuit struct {
	Blocks    []Block
	Tables    []Table
	KeyTables []Table // range tables of the key proof, with ids of their own
	Slots     []Slot
	Groups    [][]int // a partition of the slots: each group shares one helper column; 1 to 8 slots each
	Relations []Relation
	// Inputs are the blocks given from outside: Public blocks that hold network inputs, and the Column blocks that hold
	// private inputs. Every other Public, Column and Free block must be determined by them and the key.
	Inputs []int
	LogRow int // L: committed rows have 2^L entries
}

// Log2Ceil is the number of variables of an axis of length n >= 1; 64 for n < 1, which no axis has.
func Log2Ceil(n int) int { return bits.Len(uint(n - 1)) }

// Expressions are the affine forms of a relation: the left side, then A and B of each contraction.
func (r *Relation) Expressions(yield func(*Expr) bool) {
	if !yield(&r.LHS) {
		return
	}
	for i := range r.Sum {
		k := &r.Sum[i]
		if !yield(&k.A) || k.B != nil && !yield(k.B) {
			return
		}
	}
}

// PaddedLog is the number of variables of a tensor: each axis is padded to a power of two by itself.
func PaddedLog(dims []int) int {
	k := 0
	for _, d := range dims {
		k += Log2Ceil(d)
	}
	return k
}

// Count is the number of entries of a tensor without its padding.
func Count(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// Vars is the number of variables of a list of letters.
func (r *Relation) Vars(letters []Letter) int {
	k := 0
	for _, l := range letters {
		k += Log2Ceil(r.Letters[l].Len)
	}
	return k
}
