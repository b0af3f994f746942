// Package verify checks proofs of inference. It is small, pure and total: from (verifying key, instances, proof bytes) to
// nil or one *Rejection, without panics, clocks, randomness or floats, and with every allocation bounded by the key.
//
//	key, err := verify.ParseKey(vk)                       // once: also checks the key's own proof
//	err = key.Verify(instances, proof, verify.EVM)        // nil: the statement holds
//
// What a proof says: the prover knows inputs (and the constants committed in the key) such that the circuit of the key
// holds for these instances. It does not say who made the key, nor that the SRS's secret is unknown: see Key.Unsafe.
// A key whose constants are public (function tables, fixed weights) is what it claims only if its rows of segment F are
// recomputed from the compiled circuit; that is the caller's to do once (ezkl's CheckKey).
//
// The protocol is in docs/protocol.md; this package follows its order of messages.
package verify
