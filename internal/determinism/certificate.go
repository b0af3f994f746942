package determinism

import (
	"math/big"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Rule names why a block is determined.
type Rule uint8

const (
	// Given: an input, or a block of the key.
	Given Rule = iota
	// Alone: Blocks[0] is the relation's only unknown.
	Alone
	// TableOut: Blocks[0] is the output of a lookup at a known input.
	TableOut
	// Digits: Blocks are the digits of a known number.
	Digits
	// Quotient: Blocks are quotient digits, then remainder digits.
	Quotient
	// Largest: Blocks are the digits of the maximum of each row, the distances from it, and remainder digits.
	Largest
)

// String is the rule's name in reports.
func (r Rule) String() string {
	return [...]string{"given", "alone", "table", "digits", "quotient", "maximum"}[r]
}

// Digit is one unknown of a mixed-radix sum: Coef * Block, every entry of Block in [Lo, Hi].
type Digit struct {
	Term   int // index in its expression's terms
	Block  int
	Coef   int64
	Lo, Hi int64
}

// Division describes a Quotient step: for every output index
//
//	X = E * y + r,  0 <= r < E,  y = sum of Quotient digits, r = sum of Remainder digits
//
// with r the remainder's digits less their least value, in which contraction Contraction holds -Sign*E*y or Sign*E*y; see quotient.go.
type Division struct {
	Contraction int
	OverA       bool  // y is the contraction's A, E its B; else the reverse
	Sign        int64 // the relation reads Sign * (rest) = E*y + r, rest = (other contractions) - (known LHS terms)
	Quotient    []Digit
	Remainder   []Digit
}

// Least is the least value of the remainder's digits.
func (d *Division) Least() *big.Int {
	out := new(big.Int)
	for _, x := range d.Remainder {
		c := big.NewInt(x.Coef)
		out.Add(out, c.Abs(c).Mul(c, big.NewInt(x.Lo)))
	}
	return out
}

// Maximum describes a Largest step: for every row and every entry of it
//
//	X = P (entry + M) + low,   P * entry = sum of Entry digits, M = sum of Max digits, low = sum of Low digits
//
// where M is the row's largest value of entry + M; see maximum.go.
type Maximum struct {
	Entry []Digit // every Hi is 0
	Low   []Digit
	Max   []Digit          // Coef without P
	Rows  []circuit.Letter // the letters of M, in the order of its axes
}

// P is the least digit's coefficient.
func (m *Maximum) P() int64 { return m.Entry[len(m.Entry)-1].Coef }

// Step determines Blocks from what earlier steps determined.
type Step struct {
	Rule     Rule
	Blocks   []int
	Relation int // Alone, Digits, Quotient; circuit.None for TableOut
	Term     int // Alone: index in LHS.Terms

	Slot, Lookup int // TableOut

	Digits   []Digit // Digits: by falling |Coef|
	Division *Division
	Maximum  *Maximum
}

// Interval is [Lo, Hi], both inclusive.
type Interval struct{ Lo, Hi *big.Int }

// Certificate says for every block why it is determined, in an order in which the witness can be computed.
type Certificate struct {
	c *circuit.Circuit
	// Steps, in order, compute every block that is not given.
	Steps []Step
	// By names each block's step; circuit.None for a given block.
	By []int
	// Checks are the relations that no step uses: a witness must fulfil them too.
	Checks []int
	// Intervals holds the sound interval of each block.
	Intervals []Interval
	// Bits holds, for each relation, the bit length of the larger side's bound.
	Bits []int
	// Wide lists the blocks whose sound interval does not fit into 62 bits. The solver computes in int64 and refuses inputs
	// for which they leave it; honest values are far smaller.
	Wide []int
}
