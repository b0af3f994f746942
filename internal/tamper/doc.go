// Package tamper makes wrong artefacts out of right ones: proofs, instances, verifying keys and circuits with one thing
// changed. It is what `ezkl fuzz` tries against the verifier, and what the verifier's own tests try.
//
// Structured mutants change a typed field and know what it is (proof.go, instances.go, key.go, circuit.go, encoding.go,
// model.go); raw ones change bytes of any file (raw.go). Every mutant is made on demand, from a generator's seed where it is
// random, so that a list of them is cheap and the same each time.
package tamper

// Mutant is one changed artefact.
type Mutant struct {
	Operator string        // what was done: "bit flip", "+p", "swap", ..
	Field    string        // what it was done to: "round1#5[2]", "byte 17", ..
	Make     func() []byte // the changed artefact; it may equal the original
	// Canonical says that every value is still in its one encoding and the whole well-formed: only the algebra can refuse it. A
	// mutant that is not canonical must be refused by whoever decodes it.
	Canonical bool
}

func (m *Mutant) String() string { return m.Field + " " + m.Operator }
