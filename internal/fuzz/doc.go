// Package fuzz looks for proofs of false statements, and for honest inputs that cannot be proven. It is what `ezkl fuzz` runs.
//
// A run has one Subject: a compiled network with a key and an honest proof, made once over an SRS whose secret the naive
// prover knows. Campaigns try many cases against it, each with a time limit, a panic guard and, for files, a bound on memory:
//
//	complete.go    completeness: honest inputs at the edges (edge.go, with the search); mock, proof, float model
//	circuits.go    completeness: honest keys and proofs of other circuits than the network's
//	mutation.go    soundness by mutation: proofs, replays, public inputs, verifying keys, circuits, calls of the contract
//	prover.go      soundness by a malicious prover: wrong values in one block, the rest computed anew around it
//	twin.go        cheats inside the naive prover: padding, multiplicities, helpers, fractions, instances that are no integers,
//	               entries counted in other tables, frozen challenges, bad keys
//	transcript.go  what Fiat-Shamir binds
//	run.go         files that the caller judges (model, input, witness, circuit, SRS, proof file); order of campaigns
//
// # When a changed thing counts as accepted
//
// A rejection is always right for a changed artefact, and so is a change that says nothing else (same bytes after parsing), or
// that is a legal artefact of its own. These count as accepted:
//
//   - proof: any verifier takes other bytes, under the true key, for the true instances.
//   - public: any verifier takes the true proof for other instances.
//   - vk: a key is taken that must not parse; or the true proof verifies under it; or it has the true key's digest; or it passes
//     for a key of the compiled circuit.
//   - calldata: another call than the two true ones returns true.
//   - srs: a file with other powers than those of the key is taken for the key's SRS.
//   - circuit: the true key passes for a key of it, or a proof made from it with the true proving key verifies under the true
//     key, though it is another circuit or has other constants.
//   - model: a proof of it, with the true proving key, verifies under the true key, though it compiles to something else.
//   - witness: mock or the prover takes a witness whose outputs are not those of its inputs.
//   - input: the true proof verifies for the public values that come of it, though they differ; or its witness fails mock.
//   - prover: values that are no witness, or one for other constants or fixed values than the key's, are proven; or mock passes two
//     witnesses of one input.
//   - transcript: a value that Fiat-Shamir must bind does not change the challenges after it.
//
// A crash is a panic or too much memory; a failure is an honest input that is refused although the circuit's intervals hold
// it, or whose proof does not verify.
//
// # What it cannot show
//
// Campaigns find defects, they do not prove that there are none: that is the determinism certificate's and the argument's part.
// How much they find is measured by removing the verifier's checks one at a time (`make fuzz-selfcheck`).
package fuzz
