// Package prover makes keys and proofs. It may assume a satisfying witness: a wrong one gives a proof that does not verify.
//
// The order of messages is docs/protocol.md section 6; package verify reads in the same order. The parts:
//
//	setup.go        commit the key, prove the key proof
//	prove.go        one proof: messages, challenges, coins
//	vector.go       V: blocks, columns, multiplicities, helpers
//	coins.go        a proof's randomness
//	bind.go         expressions with their output letters bound to rho, from integers, with late reduction
//	contraction.go  a bilinear contraction as two products of two tables, one after the other
//	lookups.go      the lookup summands of sumcheck 1
//	sumcheck1.go    all summands at once, relation index, z
//	product.go      the sumcheck of a product of two or three tables
//	sumcheck2.go    V times E; eqcell.go: the parts of V that one claim reads at one point
//	open.go         the opening
//
// Sub-package commit has the multi-scalar multiplication; reference is a naive twin of this package that must give the
// same bytes from the same coins.
package prover
