// Package determinism proves that a circuit pins its witness: every block that the prover chooses is a function of
// Circuit.Inputs and the key (Fixed and Private blocks), and no integer wraps modulo p (docs/protocol.md, section 7). It
// reads a circuit and nothing else, least of all the code that built it.
//
// Certify repeats a table of rules until nothing changes. Each rule, one file each, says why a relation or a lookup leaves
// one value for some blocks once the other blocks are known:
//
//	given      Circuit.Inputs, Fixed, Private
//	alone      a block stands alone, coefficient +-1, on the left of a relation of known blocks    (alone.go)
//	table      the output of a function table at a known input                                     (table.go)
//	digits     sum_i c_i d_i is known, and the intervals of the d_i leave one representation        (digits.go)
//	quotient   E*y + r is known, 0 <= r < E                                                         (quotient.go)
//	maximum    P (d + M) + v is known, every d of a row is at most 0 and one is 0                   (maximum.go)
//
// The certificate is executable: its steps, in order, are the only witness generator there is (package witness). So no
// gadget has witness code that could differ from what its relations say.
//
// Intervals are integers, sound for every witness that the argument accepts: from tables, key tables, declared intervals of
// public and fixed blocks, or the determining relation. Both sides of every relation stay below p/2, so a relation modulo p
// is a relation of integers.
//
// A new rule is a Rule constant, a file with its `try` function and one line in relationRules or lookupRules, and an
// executor in package witness. Package brute is the independent judge of every rule: it counts witnesses exhaustively.
package determinism
