// Package srs reads and writes the structured reference string: powers of a secret tau,
//
//	[tau^0]_1, [tau^1]_1, .., [tau^(n-1)]_1 in G1,   [1]_2, [tau]_2 in G2   (BN254)
//
// which bind commitments as long as nobody knows tau. It is universal: any model whose rows are short enough can use it. The
// usual one is the public "perpetual powers of tau". See docs/protocol.md, section 0. An SRS of logrows k has 2^k powers in
// G1; blinded rows of 2^L entries need [tau^(2^L)]_1 too, and so logrows k > L.
//
// # Files
//
// [Read] takes three kinds of files and tells them apart by their first bytes and their size:
//
//   - halo2: u32 k; 2^k powers in G1; the same number of points in Lagrange form (not read); [1]_2; [tau]_2. ezkl's kzg{k}.srs.
//   - ptau: snarkjs's container, version 1. Section 1: u32 32, the prime, u32 k, u32 ceremony's k; section 2: 2^(k+1)-1
//     powers in G1; section 3: 2^k powers in G2.
//   - own: "EZKLSRS1"; u32 flags (1: unsafe); u32 k; u32 length of a source text; the text; 32 bytes SHA-256 of the file
//     without these 32 bytes; [1]_2; [tau]_2; 2^k powers in G1. Only this kind can carry the mark unsafe.
//
// All integers are little-endian. In all of them a point of G1 takes 64 bytes, x and y, and one of G2 128 bytes: x.c0, x.c1,
// y.c0, y.c1. A coordinate is the four 64-bit limbs, lowest first, of its Montgomery form (x 2^256 mod q): what halo2curves
// calls RawBytes and snarkjs calls LEM. gnark-crypto holds an fp.Element in memory in just that form.
//
// # What is checked
//
// Always: sizes; canonical coordinates; every point that is used lies on the curve, which in G1 means in the group; the
// points of G2 in the subgroup; the two generators; e([tau]_1, [1]_2) = e([1]_1, [tau]_2). [SRS.Verify] also checks, by a
// random linear combination, that the points are powers of tau: once, when a file arrives. A wrong SRS can only make the
// prover fail: what binds it is that tau is unknown, about which a file can say nothing. [Provenance] compares a file with
// the digests of the public ceremony's files.
//
// Package unsafesrs makes an SRS for tests; package fetch downloads one.
package srs
