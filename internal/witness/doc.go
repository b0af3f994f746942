// Package witness computes the integers of every block from the inputs and the key, and checks them.
//
// Solve executes a determinism certificate: it has one executor for each rule of package determinism and no code for any
// particular gadget. Arithmetic is exact: int64 where a bound shows that nothing overflows, 128 bits elsewhere, and an
// error if a block's entry needs more than 63 bits.
//
// Values are indexed by block, row-major and without padding, as everywhere before the argument.
//
// einsum.go evaluates contractions: it turns letters and axis relations into a nest of strided loops. naive.go is its twin
// by the definition, for tests and small circuits. Mock checks finished values against every relation, lookup and interval.
package witness
