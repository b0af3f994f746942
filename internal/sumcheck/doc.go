// Package sumcheck has the verifier's half of sumcheck: from a claimed sum over the Boolean cube to a claim at one point.
//
// The round polynomial of degree d travels as its d coefficients without the linear one; the claim gives that:
// s(0) + s(1) = claim. So the sum check of a round cannot be forgotten, and no wrong polynomial has an encoding.
// Soundness error: (sum of degrees) / p. The caller must check the last value against the claimed polynomial.
//
// Lund, Fortnow, Karloff, Nisan 1992; docs/protocol.md, sections 4 and 5.
package sumcheck
