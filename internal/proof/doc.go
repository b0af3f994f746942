// Package proof has the wire forms: the message stream of a proof, and the files of verifying and proving keys.
//
// A proof is the prover's messages in the order of docs/protocol.md section 6, without any framing: every length follows
// from the circuit. Scalars are 32 bytes big-endian and below p; points are 64 bytes, x then y big-endian and below q, on
// the curve; (0, 0) is infinity. So a proof has exactly one encoding.
package proof
