package witness

import "fmt"

// RangeError says that an input leads to a value that the circuit cannot hold.
type RangeError struct {
	Node          string // the relation, or the block of an input
	Block         string
	Index         []int // of the entry of Block
	Value, Lo, Hi int64
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("gen-witness: node %q: value %d outside [%d, %d]: recalibrate with data that covers this input, "+
		"or a larger --lookup-safety-margin", e.Node, e.Value, e.Lo, e.Hi)
}

// OverflowError says that an intermediate value does not fit into 63 bits.
type OverflowError struct{ Node string }

func (e *OverflowError) Error() string {
	return fmt.Sprintf("gen-witness: node %q: a value does not fit into 63 bits: recalibrate, or use smaller scales", e.Node)
}

// RelationError says that no witness exists for an input: a relation does not hold (an assertion of the network, a division
// by zero or by a negative number).
type RelationError struct {
	Node        string
	Index       []int // of the relation's output letters
	Left, Right string
}

func (e *RelationError) Error() string {
	return fmt.Sprintf("gen-witness: node %q: no witness for this input at %v: %s != %s", e.Node, e.Index, e.Left, e.Right)
}
