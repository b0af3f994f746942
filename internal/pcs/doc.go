// Package pcs has the verifier's half of the polynomial commitment: that a <P', e1> + mu <N, e> is a claimed number. P' is a
// combination of committed rows, and e1 = eq(., u), so <P', e1> is the value at u of the MLE of its first 2^L coefficients; N is one of
// the rows and e public weights on some of its coefficients.
//
// The opening has constant size. With e1(X) = sum eq(i, u) X^i = prod (1 - u_j + u_j X^(2^j)) the prover commits to S of
//
//	a (P'(X) e1(1/X) + P'(1/X) e1(X)) + mu (N(X) e(1/X) + N(1/X) e(X)) = 2 claim + X S(X) + S(1/X)/X        then z
//
// The constant coefficient on the left is 2 (a <P', e1> + mu <N, e>), that on the right 2 claim, whatever the degrees of P', N and S: no
// degree needs a check. The identity reads only coefficients of P' below 2^L, so blinders at X^(2^L) and beyond need no removal. P', N
// and S are opened at z and 1/z by one SHPLONK batch (Boneh, Drake, Fisch, Gabizon 2020) and one pairing check. tools/toy holds the
// executable reference and its tests of soundness and of perfect zero-knowledge.
//
// docs/protocol.md, section 6.
package pcs
