// Package claims is what prover and verifier compute alike between the messages: how relations, lookups and masks turn into
// claims "this linear functional of V has this value", and how the claimed values recombine into the end of sumcheck 1.
//
// Symbols follow docs/protocol.md: rho is the output point, zeta the zero-check point, gamma batches relations and
// lookups, r is the point of sumcheck 1 (inner variables, relation index, z), u the masks of claims, g1 the mask of
// sumcheck 1.
//
// Everything here is deterministic arithmetic on public data. Its loops are bounded by the circuit.
package claims
