// Package circuit is the meeting point of the compiler and the argument: a plain-data description of committed integer
// tensors (blocks), lookup tables, and the relations between them. Everything before it knows ONNX and no cryptography;
// everything after it knows cryptography and no ONNX. The prover, the verifiers, the mock checker, the determinism checker
// and the fuzzer read nothing else.
//
// A circuit says, of integers embedded in the BN254 scalar field:
//
//   - each Block is a tensor of a fixed shape; its Role says who fixes it (the verifier, the key, or the prover);
//   - each Lookup of a Slot says that every entry of one block (or every pair of entries of two) is a row of one Table;
//   - each Relation says LHS[out] = sum of contractions, for all indices of its output letters.
//
// Every axis is padded to a power of two by itself, and the padding of every block is zero: the argument enforces that
// (docs/protocol.md, section 1). Tensors are row-major.
//
// Check refuses a malformed circuit: after it, the layout and both halves of the argument may index without fear.
// docs/protocol.md sections 1 to 3 define the meaning of everything here.
package circuit
