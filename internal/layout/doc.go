// Package layout fixes where everything lies: the positions of all blocks in the committed vector V, the stacked lookup
// table, the tags of the lookup columns, and the shape of sumcheck 1 (rounds, degrees, claims). Prover and verifier derive
// all of it from the circuit alone; nothing is taken from a proof.
//
// V has 2^N entries, cut in rows of 2^L. Four segments lie in rows of their own: F (fixed constants) and P (private
// constants) of the key, W (lookup columns, free blocks, multiplicities m, the mask block) and H (helper columns).
//
// New lays out a circuit. ForKey lays out the key proof of the same circuit: a proof without relations whose lookup
// columns are segment P itself, cut in columns of equal height. Arrange chooses slots, groups and L for a compiler.
//
// docs/protocol.md, sections 1, 3 and 4.
package layout
