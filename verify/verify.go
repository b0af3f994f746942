package verify

import (
	"errors"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/pcs"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/sumcheck"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// statement is what a proof is checked against: a key proof has no instances and only the rows of segment P.
type statement struct {
	lay    *layout.Layout
	domain string
	digest [32]byte
	tau    *bn254.G2Affine
	flat   []fr.Element
	inst   claims.Instances
	rows   [4][]bn254.G1Affine // by segment
}

func (s *statement) verify(b []byte, kind transcript.Kind) error {
	return coded(s.check(proof.NewReader(b, transcript.New(kind, s.domain))))
}

// coded gives an error of check its code.
func coded(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pcs.ErrDegenerate):
		return &Rejection{CodeChallenge, err}
	case errors.Is(err, pcs.ErrPairing):
		return &Rejection{CodeOpening, err}
	}
	return &Rejection{CodeEncoding, err}
}

// check follows the order of messages of docs/protocol.md, section 6: everything read is absorbed before the challenge
// that follows it.
func (s *statement) check(r *proof.Reader) error {
	lay, t := s.lay, r.T
	t.Digest("key", s.digest)
	t.Scalars("instances", s.flat)

	// Commitments and helpers.
	var err error
	if s.rows[layout.SegW], err = r.Points("C_W", lay.Rows[layout.SegW].Count); err != nil {
		return err
	}
	var ch claims.Challenges
	ch.Alpha, ch.Beta = t.Challenge("alpha"), t.Challenge("beta")
	if s.rows[layout.SegH], err = r.Points("C_H", lay.Rows[layout.SegH].Count); err != nil {
		return err
	}
	ch.Rho = t.Challenges("rho", lay.RhoVars)
	ch.Zeta = t.Challenges("zeta", lay.ZetaVars)
	ch.Gamma = t.Challenge("gamma")

	// Sumcheck 1: relations and lookups.
	first, err := r.Scalars("S", 1)
	if err != nil {
		return err
	}
	var last fr.Element
	if ch.R, last, err = sumcheck.Verify(r, "round1", lay.Degrees, first[0]); err != nil {
		return err
	}
	values, err := r.Scalars("claims", lay.ClaimCount)
	if err != nil {
		return err
	}
	all := claims.All(lay, &ch, s.inst, values, &first[0], &last)

	// Sumcheck 2: one claim on V.
	delta := t.Challenge("delta")
	g2, err := r.Scalars("G2", 1)
	if err != nil {
		return err
	}
	mu := t.Challenge("mu")
	var claim fr.Element
	claim.Mul(&mu, &g2[0])
	weights := field.Powers(&delta, len(all))
	for i := range all {
		var v fr.Element
		v.Mul(&weights[i], &all[i].Value)
		claim.Add(&claim, &v)
	}
	r2, last, err := sumcheck.Verify(r, "round2", claims.Degrees2(lay.N), claim)
	if err != nil {
		return err
	}
	var e fr.Element
	for i := range all {
		v := all[i].F.Eval(r2)
		v.Mul(&v, &weights[i])
		e.Add(&e, &v)
	}

	// Opening: E(r2) V(r2) + mu g2(r2) = last. P' = sum_row eq(r_hi, row) row has value V(r2) at r_lo; row N, that of the cover block of
	// segment W, holds g2.
	o := pcs.Opening{U: r2[:lay.L], N: s.rows[layout.SegW][lay.CoverRow()-lay.Rows[layout.SegW].First],
		EAt: lay.G2At() & (1<<lay.L - 1), E: claims.MaskRow(lay, r2), A: e, Mu: mu, Claim: last}
	for seg, rows := range s.rows {
		for i := range rows {
			o.Points = append(o.Points, rows[i])
			o.Scalars = append(o.Scalars, poly.EqIndex(lay.Rows[seg].First+i, r2[lay.L:]))
		}
	}
	if err := pcs.Verify(r, &o, s.tau); err != nil {
		return err
	}
	return r.Close()
}
