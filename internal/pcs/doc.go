// Package pcs has the verifier's half of the polynomial commitment: that a committed polynomial P', read as the MLE of its
// first 2^L coefficients, has value v at the point u; and that row N, which holds the mask of sumcheck 2, has <N, e> = y.
//
// It is an opening of constant size in the manner of Mercury (Eagen, Gabizon 2025): with b = 2^l1, L = l1 + l2,
// u = (u1, u2), P'(X) = sum_i X^(ib) f_i(X), and e1, e2 the polynomials with coefficients eq(., u1), eq(., u2):
//
//	h = sum_i <f_i, eq(u1)> X^i                                    then alpha
//	P' = (X^b - alpha) q + g,  D = X^(b-1) g(1/X)                  then gamma
//	g(X) e1(1/X) + g(1/X) e1(X) + gamma (h(X) e2(1/X) + h(1/X) e2(X)) + gamma^2 mu (N(X) e(1/X) + N(1/X) e(X))
//	    = 2 (h(alpha) + gamma v + gamma^2 mu y) + X S(X) + S(1/X)/X        then z
//
// g itself is not committed: D proves deg g < b, since a longer D gives negative powers. The identity reads only
// coefficients below 2^L, so blinders at X^(2^L) and beyond need no removal. All values are opened by one SHPLONK batch
// (Boneh, Drake, Fisch, Gabizon 2020) and one pairing check. tools/toy holds the executable reference and its tests of
// soundness and of perfect zero-knowledge.
//
// docs/protocol.md, section 6.
package pcs
