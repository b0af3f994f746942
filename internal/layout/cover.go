package layout

// The cover blocks hide what sumcheck 2 and the opening show; no claim reads them (docs/protocol.md, sections 5 and 6).
//
// That of segment W has CoverW random entries and, from coverG2 on, the coefficients of g2, the mask of sumcheck 2. V's row there is
// row N of the opening, of which a proof shows C_N, N(z) and N(1/z). That of segment H has CoverH random entries: a proof shows P'(z),
// P'(1/z), C_S, S(z) and the commitment of its row, which N(z) and N(1/z) would not hide in a row of their own. The entries and the rows' blinders
// reach all of these: rank 8, 7 without any one (tools/toy, REVIEW.md).
const (
	CoverW    = 2
	CoverH    = 4
	coverG2   = 8
	coverSize = 128 // of segment W: room for g2 of 2^59 entries, in one row
)

// CoverRow is the row of V that holds the cover block of segment W.
func (l *Layout) CoverRow() int { return l.Cover >> l.L }

// G2At is the offset in V of g2's coefficients, G2Size their number.
func (l *Layout) G2At() int { return l.Cover + coverG2 }

// G2Size is the number of coefficients of g2: 2N+1.
func (l *Layout) G2Size() int { return 2*l.N + 1 }
