// Package transcript is Fiat-Shamir: it turns what the verifier has seen so far into challenges.
//
// Every message has a label and a length, both hashed before its content, so that no two different sequences of messages
// hash alike. Two instances exist: EVM (Keccak-256, cheap in a contract) and Poseidon (Poseidon2 over the scalar field,
// cheap inside another proof). Encodings are unique: scalars are below p, points are on the curve, infinity is (0, 0).
//
// docs/protocol.md, section 0 and the Fiat-Shamir order of section 6.
package transcript
