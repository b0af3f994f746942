package reference

import (
	"math/rand"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/sumcheck"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// random is a scalar from a seeded source.
func random(rng *rand.Rand) fr.Element {
	var b [48]byte
	rng.Read(b[:])
	var e fr.Element
	e.SetBytes(b[:])
	return e
}

func randoms(rng *rand.Rand, n int) fr.Vector {
	out := make(fr.Vector, n)
	for i := range out {
		out[i] = random(rng)
	}
	return out
}

// Simulate makes a proof from public data alone: the layout, the instances, the rows of the key. start makes transcripts
// whose challenges are programmed, the same for each call. wanted, if set, are the values of the claims.
//
// It draws every message uniformly where the verifier checks nothing, takes what its equations leave, and lets the blinder of P'
// make up for the commitments of all rows at once: that is why the simulator must know the challenges beforehand.
func (p *Prover) Simulate(lay *layout.Layout, keyRows fr.Vector, inst claims.Instances, start func() *transcript.Transcript, rng *rand.Rand, wanted fr.Vector) *Proof {
	// what will be drawn
	t := start()
	var ch claims.Challenges
	ch.Alpha, ch.Beta = t.Challenge("alpha"), t.Challenge("beta")
	ch.Rho, ch.Zeta = t.Challenges("rho", lay.RhoVars), t.Challenges("zeta", lay.ZetaVars)
	ch.Gamma = t.Challenge("gamma")
	// sumcheck 1
	s := random(rng)
	last := s
	var rounds1, rounds2 []fr.Vector
	for _, d := range lay.Degrees {
		m := randoms(rng, d)
		x := t.Challenge("round1")
		last = sumcheck.Evaluate(m, &last, &x)
		rounds1, ch.R = append(rounds1, m), append(ch.R, x)
	}
	values := wanted
	if values == nil {
		values = randoms(rng, lay.ClaimCount)
	}
	all := claims.All(lay, &ch, inst, values, &s, &last)
	// sumcheck 2
	delta, g2, mu := t.Challenge("delta"), random(rng), t.Challenge("mu")
	weights := field.Powers(&delta, len(all))
	last = mul(mu, g2)
	for i := range all {
		last = add(last, mul(weights[i], all[i].Value))
	}
	var r2 []fr.Element
	for range lay.N {
		m := randoms(rng, 2)
		x := t.Challenge("round2")
		last = sumcheck.Evaluate(m, &last, &x)
		rounds2, r2 = append(rounds2, m), append(r2, x)
	}
	var e fr.Element
	for i := range all {
		e = add(e, mul(weights[i], all[i].F.Eval(r2)))
	}
	// P': uniform among those with the commitment that the rows give; row N: among those with e P'(r_lo) + mu <N, e> = last
	pp := randoms(rng, 1<<lay.L+1)
	y := mul(sub(last, mul(e, dot(poly.EqTable(r2[:lay.L], one), pp))), inv(mu))
	at := lay.G2At() % (1 << lay.L)
	n, row := randoms(rng, 1<<lay.L+1), append(make(fr.Vector, at), claims.MaskRow(lay, r2)...)
	n[at] = add(n[at], sub(y, dot(row, n))) // the first weight is 1
	cW, cH := randoms(rng, lay.Rows[layout.SegW].Count), randoms(rng, lay.Rows[layout.SegH].Count)
	cW[lay.CoverRow()-lay.Rows[layout.SegW].First] = p.commit(n)
	missing := neg(p.commit(pp))
	sum := func(seg layout.Segment, rows fr.Vector) {
		for i := range rows {
			c := poly.EqIndex(lay.Rows[seg].First+i, r2[lay.L:])
			missing = add(missing, mul(c, rows[i]))
		}
	}
	f := lay.Rows[layout.SegF].Count
	sum(layout.SegF, keyRows[:f])
	sum(layout.SegP, keyRows[f:])
	sum(layout.SegW, cW)
	sum(layout.SegH, cH)
	pp[1<<lay.L] = add(pp[1<<lay.L], mul(missing, inv(pow(p.Tau, 1<<lay.L))))

	// the transcript in order
	out := &Proof{R2: r2, Rz: ch.R[len(ch.R)-1]}
	wr := proof.NewWriter(start())
	scalars := func(label string, xs ...fr.Element) {
		wr.Scalars(label, xs...)
		out.Messages = append(out.Messages, Message{label, false, xs})
	}
	points := func(label string, logs ...fr.Element) {
		ps := make([]bn254.G1Affine, len(logs))
		if !p.Silent {
			ps = Points(logs)
		}
		wr.Points(label, ps...)
		out.Messages = append(out.Messages, Message{label, true, logs})
	}
	skip := func(n int) { wr.T.Challenges("", n) }
	points("C_W", cW...)
	skip(2)
	points("C_H", cH...)
	skip(lay.RhoVars + lay.ZetaVars + 1)
	scalars("S", s)
	for _, m := range rounds1 {
		scalars("round1", m...)
		skip(1)
	}
	scalars("claims", values...)
	skip(1)
	scalars("G2", g2)
	skip(1)
	for _, m := range rounds2 {
		scalars("round2", m...)
		skip(1)
	}
	Open(p, points, scalars, wr.T, pp, r2[:lay.L], n, row, e, mu)
	out.Bytes = wr.Bytes
	return out
}
