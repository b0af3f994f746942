package layout

// The cover block hides what sumcheck 2 and the opening show. Its lower half has random entries at CoverPositions, its upper
// half begins with the coefficients of g2, the mask of sumcheck 2. No claim reads it: so V's row there is row N of the opening
// as well, and P' needs no mask of its own (docs/protocol.md, sections 5 and 6).

// CoverSize is the size of the cover block with rows of 2^l: 8b, b = 2^ceil(l/2); a row holds it from l = 6 on.
func CoverSize(l int) int { return 8 << ((l + 1) / 2) }

// CoverPositions are the random entries of the cover block. A proof shows 14 functionals of its row: C_N; v; C_h, h(z), h(1/z),
// h(alpha); C_D, D(z), D(1/z); C_q; C_S, S(z); N(z), N(1/z). These 13 entries and the row's blinder reach all of them: rank 14 for
// every l >= 6, 13 without any one (tools/toy, REVIEW.md).
func CoverPositions(l int) []int {
	b := CoverSize(l) / 8
	return []int{0, 1, 2, 3, 4, 5, 6, b, b + 1, b + 2, b + 3, 2 * b, 3 * b}
}

// CoverRow is the row of V that holds the cover block.
func (l *Layout) CoverRow() int { return l.Cover >> l.L }

// G2At is the offset in V of g2's coefficients, G2Size their number.
func (l *Layout) G2At() int { return l.Cover + CoverSize(l.L)/2 }

// G2Size is the number of coefficients of g2: 2N+1.
func (l *Layout) G2Size() int { return 2*l.N + 1 }
