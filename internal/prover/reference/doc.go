// Package reference is the naive twin of package prover: the same messages from the same coins, computed from the
// definitions. V is one dense vector of field elements; every functional of V is summed index by index; every round
// polynomial comes from folded tables; polynomials are lists of coefficients. Nothing is fast, nothing is shared with
// package prover but the type of the coins, and from package claims only the names of the domains and the struct of
// challenges.
//
// It knows the SRS's secret tau, so a commitment is one evaluation and one multiplication of the generator, and a message
// of points can be read as discrete logarithms: that is what the tests of zero knowledge need.
//
// It is a test tool: Cheat lets soundness tests alter V between the stages, and values may be any field elements.
package reference
