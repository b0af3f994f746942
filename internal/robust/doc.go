// Package robust measures how a network behaves on inputs that somebody chose: it needs forward inference only, and looks at
// the real network (package graph's interpreter) and at the integer one (the circuit's, by the rules that a prover must
// follow) side by side. A proof says that the integer network gave an output; whether the network deserves trust is asked here.
//
// Checks, each a function of a Subject that returns a Section of the Report:
//
//   - Noise: accuracy under Gaussian, uniform and salt-and-pepper noise, the strength at which each sample first flips.
//   - Attack: Square (Andriushchenko et al., arXiv 1912.00049; for L0 its sparse form, arXiv 2006.12834), SimBA (1905.07121), NES with antithetic
//     pairs (1804.08598), HopSkipJump (1904.02144), the boundary attack (1712.04248).
//   - Membership: the gap attack, thresholds on loss and on modified entropy, label-only by distance to noise, and with
//     reference networks the offline forms of LiRA (2112.03570) and RMIA (2312.03262).
//   - Poison: STRIP (1902.06531), a sweep over patch triggers, activation clustering (1811.03728).
//   - Disagree: inputs on which the real and the integer network give different labels, and how sure both are.
//
// A pass means that this search, with this budget, found nothing: it is evidence, never a proof of robustness. Rates carry
// 95 % intervals (Wilson; Clopper and Pearson for verdicts), areas under curves bootstrap intervals. All randomness comes from the
// seed, one generator for each sample and method: results do not depend on the number of workers.
package robust
