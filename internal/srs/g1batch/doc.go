// Package g1batch adds many pairs of points of BN254's G1 at once, in affine coordinates.
//
// An affine addition needs one division. Montgomery's trick shares one inversion among the lanes of a batch (up to
// Lanes of them), after which an addition costs 6 multiplications of the base field: fewer than the 11 of a mixed
// Jacobian addition. The field work is done by fp.Vector kernels, which use AVX-512 IFMA where the processor has it.
//
// Two things are built on it, both used for commitments and for making an SRS:
//
//   - [Sum]: sums of runs of points, the inner part of a multi-scalar multiplication;
//   - [FixedBase]: multiples of one point by many scalars.
//
// All functions are complete: repeated points (P + P), opposite points (P - P) and the point at infinity, which is (0, 0)
// as in gnark-crypto, give right answers. Points must lie on the curve; nothing here checks that. Nothing is constant time.
package g1batch
