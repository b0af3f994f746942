package determinism

// alone: the relation's only unknown occurrence is one LHS term, coefficient +-1, with all output letters. Then
//
//	block[out] = +-(contractions - other terms)[out]
//
// has one solution modulo p, also in the padding. The block occurs nowhere else in the relation: b = b*b is not for this rule.
func alone(s *state, at int) (Step, bool) {
	r := &s.c.Relations[at]
	terms, contractions := s.unknown(r)
	if len(terms) != 1 || len(contractions) != 0 {
		return Step{}, false
	}
	t := &r.LHS.Terms[terms[0]]
	if t.Coef != 1 && t.Coef != -1 || !full(r, t) {
		return Step{}, false
	}
	return Step{Rule: Alone, Blocks: []int{t.Block}, Relation: at, Term: terms[0]}, true
}
