package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/layout"
)

// Coins is all of a proof's randomness. Drawn before anything else, so that the same coins give the same bytes with any
// number of workers.
type Coins struct {
	RowsW, RowsH []fr.Element // blinders of the rows
	Mask         []fr.Element // the masks of sumcheck 1, in the order of MaskAt
	CoverW       []fr.Element // the random entries of the cover block of segment W
	CoverH       []fr.Element // of that of segment H
	G2           []fr.Element // the coefficients of g2
}

// DrawCoins takes them from crypto/rand.
func DrawCoins(lay *layout.Layout) (*Coins, error) {
	c := &Coins{
		RowsW:  make([]fr.Element, lay.Rows[layout.SegW].Count),
		RowsH:  make([]fr.Element, lay.Rows[layout.SegH].Count),
		Mask:   make([]fr.Element, lay.MaskSize),
		CoverW: make([]fr.Element, layout.CoverW),
		CoverH: make([]fr.Element, layout.CoverH),
		G2:     make([]fr.Element, lay.G2Size()),
	}
	for _, part := range [][]fr.Element{c.RowsW, c.RowsH, c.Mask, c.CoverW, c.CoverH, c.G2} {
		for i := range part {
			if _, err := part[i].SetRandom(); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}
