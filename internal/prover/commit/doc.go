// Package commit computes the prover's commitments: sums of scalars times points of the SRS in BN254's G1 (multi-scalar
// multiplication, MSM). See docs/protocol.md, section 1: a row V[0..2^L) of the committed vector has the commitment
//
//	C = sum_j V[j] [tau^j]_1 + b [tau^(2^L)]_1
//
// with b = 0 in rows that anybody recomputes, and b uniform elsewhere.
//
//   - [Small] and [SmallRows] are for signed integers: their cost grows with the magnitudes and with the number of
//     entries that are not 0, not with the width of the type. A 16-bit entry costs about a tenth of a field element.
//   - [Full] and [FullRows] are for field elements. Zeros cost nothing there either.
//   - [Blind] adds b [tau^(2^L)]_1 to many rows, by a table of multiples that a caller can keep for all proofs.
//   - [Affine] brings all results to affine form with one inversion.
//
// # Method
//
// Pippenger's buckets, in affine coordinates (package g1batch): the scalars are cut in signed digits; every (row, window,
// |digit|) has a bucket; all buckets of all rows are summed together, so that even short rows fill the batches that share
// one inversion. The windows are chosen row by row, by the magnitudes seen. The weighted sum sum_d d B_d of a window's
// buckets is taken by writing d = hi 2^h + lo: sums over lo and over hi (two additions a bucket), then sums over the few
// that have bit j set, and at last one doubling and at most one addition for each bit of the row's scalars.
// Field elements are first split in two halves of 127 bits by the curve's endomorphism (x, y) -> (beta x, y), which
// halves the number of windows and so the cost of their reduction.
//
// # What the caller must know
//
// Points may repeat, be opposite or be infinity. They must lie on the curve (package srs checks that). Nothing is
// constant time: a commitment's duration tells something about magnitudes and zeros. All functions use up to
// GOMAXPROCS goroutines, may be called from several goroutines at once, do not keep or change their arguments, and give
// the same bytes after [Affine] with any number of workers. A slice that is too short breaks an invariant of the prover: it panics with
// "commit: internal error".
package commit
