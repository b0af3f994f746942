// Package poly evaluates multilinear and univariate polynomials. It is the one place that defines the order of variables.
//
// A vector f of length 2^k stands for its multilinear extension (MLE) f(r) = sum_i f[i] eq(bits(i), r); variable 0 is the
// least significant bit of the index, and sumchecks bind variable 0 first (docs/protocol.md, section 0).
package poly
