package lower

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Bounds of what lowering makes, so that a small file cannot ask for a circuit that takes hours or all memory before it is refused.
const (
	maxMade  = 1 << 24 // entries of the matrices and lists of indices of one node
	maxKey   = 1 << 27 // entries of all blocks of the key
	maxRows  = 1 << 26 // rows of all tables
	maxTerms = 1 << 8  // of a sum that is still added to
	maxInner = 48      // its summed letters: a relation has 64 of all kinds
	maxName  = 1 << 12 // bytes of the name of a function of functions
	maxCalls = 1 << 30 // of functions, for all rows of all tables
)

// room is the product of some lengths, for a list that lowering makes; it fails where that would take too much memory.
func room(lengths ...int) int {
	n := 1
	for _, d := range lengths {
		if d > 0 && n > maxMade/d {
			fail("a matrix or a list of indices of %v entries is too large", lengths)
		}
		n *= d
	}
	return n
}

// size is an error if the circuit is too large already.
func (b *builder) size() error {
	for ; b.sized < len(b.key); b.sized++ {
		b.keySize += len(b.key[b.sized])
	}
	for ; b.tabled < len(b.c.Tables); b.tabled++ {
		b.tableRows += b.c.Tables[b.tabled].Size
	}
	switch {
	case len(b.c.Blocks) > circuit.MaxBlocks, len(b.c.Relations) > circuit.MaxRelations, len(b.c.Tables) > circuit.MaxTables:
		return fmt.Errorf("lower: node %q: the circuit has more than %d blocks, %d relations or %d tables", b.node, circuit.MaxBlocks, circuit.MaxRelations, circuit.MaxTables)
	case b.keySize > maxKey:
		return fmt.Errorf("lower: node %q: weights, matrices and tables have more than %d entries", b.node, maxKey)
	case b.tableRows > maxRows:
		return fmt.Errorf("lower: node %q: the tables of the functions have more than %d rows", b.node, maxRows)
	}
	return nil
}

// calls counts the functions that a table's rows take: about one for each four bytes of their name.
func (b *builder) calls(key string, rows int) {
	if b.called += rows * (1 + len(key)/4); b.called > maxCalls {
		fail("the tables of all functions of functions take too long to compute")
	}
}

// trimmed is a sum to which more is added: one of many terms is committed, so that what follows does not repeat them all.
func (b *builder) trimmed(v *value) *value {
	if len(v.terms)+len(v.sums) > maxTerms || len(v.inner) > maxInner {
		v.become(b.freeBlock(v, "value"))
	}
	return v
}
