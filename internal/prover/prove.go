package prover

import (
	"context"
	"fmt"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover/commit"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// Options of a proof.
type Options struct {
	Transcript transcript.Kind
	// Progress, if set, is called with the name of each stage as it starts.
	Progress func(stage string)
	// Coins, if set, is the proof's randomness: only tests set it. A proof made with known coins hides nothing.
	Coins *Coins
}

// statement is what a run proves: an ordinary proof or a key proof.
type statement struct {
	lay    *layout.Layout
	domain string
	digest [32]byte
	points []bn254.G1Affine // powers of tau, at least 2^L + 1
	values [][]int64        // by block
	rowsP  []fr.Element     // blinders of segment P's rows
}

// Prove proves that the circuit holds for these values: by block, unpadded row-major, the key's blocks included.
// points are the powers of tau of the key's SRS, at least 2^L + 1 of them. The instances are the Public blocks' values.
func Prove(ctx context.Context, pk *proof.ProvingKey, points []bn254.G1Affine, values [][]int64, o Options) ([]byte, error) {
	lay, err := layout.New(pk.VK.Circuit)
	if err != nil {
		return nil, err
	}
	if err := checkValues(lay, values); err != nil {
		return nil, err
	}
	s := &statement{lay: lay, domain: claims.DomainProof, digest: pk.VK.Digest(), points: points, values: values, rowsP: pk.Blinders}
	return s.prove(ctx, o)
}

// checkValues refuses values of the wrong shape.
func checkValues(lay *layout.Layout, values [][]int64) error {
	if len(values) != len(lay.C.Blocks) {
		return fmt.Errorf("prover: %d blocks of values, the circuit has %d", len(values), len(lay.C.Blocks))
	}
	for i := range values {
		b := &lay.C.Blocks[i]
		if len(values[i]) != circuit.Count(b.Dims) {
			return fmt.Errorf("prover: block %s has %d values, not %d", b.Name, len(values[i]), circuit.Count(b.Dims))
		}
	}
	return nil
}

func (s *statement) prove(ctx context.Context, o Options) ([]byte, error) {
	lay := s.lay
	if len(s.points) < 1<<lay.L+1 {
		return nil, fmt.Errorf("prover: the SRS has %d powers, %d needed", len(s.points), 1<<lay.L+1)
	}
	stage := func(name string) error {
		if o.Progress != nil {
			o.Progress(name)
		}
		return ctx.Err()
	}
	coins := o.Coins
	if coins == nil {
		var err error
		if coins, err = DrawCoins(lay); err != nil {
			return nil, err
		}
	}
	t := transcript.New(o.Transcript, s.domain)
	w := proof.NewWriter(t)
	inst, flat := s.instances()
	t.Digest("key", s.digest)
	t.Scalars("instances", flat)

	// W
	if err := stage("commit witness"); err != nil {
		return nil, err
	}
	v := newVector(lay, s.values, coins)
	blinder := commit.NewBlinder(&s.points[1<<lay.L], len(coins.RowsW)+len(coins.RowsH))
	w.Points("C_W", s.commitW(v, coins, blinder)...)
	var ch claims.Challenges
	ch.Alpha, ch.Beta = t.Challenge("alpha"), t.Challenge("beta")

	// H
	if err := stage("commit lookups"); err != nil {
		return nil, err
	}
	v.helpers(&ch, coins)
	cH := commit.FullRows(s.points, v.h, 1<<lay.L)
	blinder.Blind(cH, coins.RowsH)
	w.Points("C_H", commit.Affine(cH)...)
	ch.Rho = t.Challenges("rho", lay.RhoVars)
	ch.Zeta = t.Challenges("zeta", lay.ZetaVars)
	ch.Gamma = t.Challenge("gamma")

	// sumcheck 1
	if err := stage("sumcheck 1"); err != nil {
		return nil, err
	}
	start, known := claims.Start(lay, &ch, inst)
	e := newFunctional(v)
	one := fr.One()
	e.add(start, &one)
	first := e.value()
	first.Add(&first, &known)
	w.Scalars("S", first)
	send := func(label string) func(coeffs []fr.Element) fr.Element {
		return func(coeffs []fr.Element) fr.Element {
			message := append([]fr.Element{coeffs[0]}, coeffs[2:]...)
			w.Scalars(label, message...)
			return t.Challenge(label)
		}
	}
	s1, err := s.newSumcheck1(v, &ch, coins)
	if err != nil {
		return nil, err
	}
	s1.send = send("round1")
	values := s1.run()
	w.Scalars("claims", values...)

	// sumcheck 2
	if err := stage("sumcheck 2"); err != nil {
		return nil, err
	}
	delta := t.Challenge("delta")
	s.dense2(e, &ch, inst, values, &delta)
	mask2 := maskPoly{coins.G2, claims.Degrees2(lay.N)}
	w.Scalars("G2", poly.Dot(mask2.coeffs, claims.MaskSumWeights(mask2.degrees)))
	mu := t.Challenge("mu")
	r2, atR2 := e.prove(mask2, &mu, send("round2"))

	// opening
	if err := stage("opening"); err != nil {
		return nil, err
	}
	op := &opening{points: s.points, u: r2[:lay.L], eAt: lay.G2At() & (1<<lay.L - 1), e: claims.MaskRow(lay, r2), a: atR2, mu: mu}
	op.p = s.combineRows(v, coins, r2[lay.L:])
	op.n = make(fr.Vector, 1<<lay.L+1)
	v.fill(op.n[:1<<lay.L], lay.CoverRow()<<lay.L)
	op.n[1<<lay.L] = coins.RowsW[lay.CoverRow()-lay.Rows[layout.SegW].First]
	op.run(w)
	return w.Bytes, ctx.Err()
}

// instances are the Public blocks, padded and as a flat list.
func (s *statement) instances() (claims.Instances, []fr.Element) {
	c := s.lay.C
	inst := make(claims.Instances, len(c.Blocks))
	var flat []fr.Element
	if s.lay.Key {
		return inst, nil
	}
	for i := range c.Blocks {
		if c.Blocks[i].Role != circuit.Public {
			continue
		}
		list := field.FromInts(s.values[i])
		flat = append(flat, list...)
		inst[i] = make(fr.Vector, 1<<circuit.PaddedLog(c.Blocks[i].Dims))
		k := 0
		layout.Inside(c.Blocks[i].Dims, func(at int) {
			inst[i][at] = list[k]
			k++
		})
	}
	return inst, flat
}

// commitW commits the rows of segment W.
func (s *statement) commitW(v *vector, coins *Coins, blinder *commit.Blinder) []bn254.G1Affine {
	row := 1 << s.lay.L
	// full-size entries: rows of their own, added to those of the integers
	var at []int
	var full fr.Vector
	for _, part := range v.full {
		from := (part.at - v.w0) / row
		to := (part.at - v.w0 + len(part.v) + row - 1) / row
		rows := make(fr.Vector, (to-from)*row)
		copy(rows[part.at-v.w0-from*row:], part.v)
		full = append(full, rows...)
		for i := from; i < to; i++ {
			at = append(at, i)
		}
	}
	var rows, others []bn254.G1Jac
	var wg sync.WaitGroup
	wg.Go(func() { others = commit.FullRows(s.points, full, row) })
	rows = commit.SmallRows(s.points, v.w, row)
	wg.Wait()
	for i, r := range at {
		rows[r].AddAssign(&others[i])
	}
	blinder.Blind(rows, coins.RowsW)
	return commit.Affine(rows)
}

func (s *statement) newSumcheck1(v *vector, ch *claims.Challenges, coins *Coins) (*sumcheck1, error) {
	lay := s.lay
	p := &sumcheck1{lay: lay, ch: ch, w: claims.WeightsOf(lay, &ch.Gamma)}
	p.mask = maskPoly{coins.Mask[lay.MaskG1:], lay.Degrees}
	p.u = coins.Mask[:lay.MaskG1]
	p.contractions = make([]*contraction, len(lay.Bilinear))
	errs := make([]error, len(lay.Bilinear))
	parallel.Tasks(len(lay.Bilinear), func(i int) {
		at := lay.Bilinear[i]
		rel := &lay.C.Relations[at.Relation]
		if p.contractions[i], errs[i] = newContraction(rel, &rel.Sum[at.Contraction], ch.Rho, s.values); errs[i] == nil {
			w := &p.contractions[i].weight
			w.Mul(w, &p.w.Relation[at.Relation])
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	p.groups = newGroups(v, ch, &p.w)
	p.table = newTable(v, ch, &p.w)
	return p, nil
}

// dense2 turns e, the weights of the claim on S, into those of all claims.
func (s *statement) dense2(e *functional, ch *claims.Challenges, inst claims.Instances, values []fr.Element, delta *fr.Element) {
	var zero fr.Element
	all := claims.All(s.lay, ch, inst, values, &zero, &zero)
	weights := field.Powers(delta, len(all))
	e.scale(&weights[len(all)-2])
	var f claims.Functional
	for i := range all {
		if i != len(all)-2 {
			f = append(f, all[i].F.Scale(&weights[i])...)
		}
	}
	one := fr.One()
	e.add(f, &one)
}

// combineRows is P' = sum_row eq(r_hi, row) row with its blinder at 2^L.
func (s *statement) combineRows(v *vector, coins *Coins, rHi []fr.Element) fr.Vector {
	lay := s.lay
	row := 1 << lay.L
	out := make(fr.Vector, row+1)
	eq := poly.EqTable(rHi, fr.One())
	sum := func(seg layout.Segment) fr.Vector { r := lay.Rows[seg]; return eq[r.First : r.First+r.Count] }
	head := out[:row]
	blind := func(b []fr.Element, w fr.Vector) {
		t := poly.Dot(b, w)
		out[row].Add(&out[row], &t)
	}
	if r := lay.Rows[layout.SegW]; r.Count > 0 {
		head.Add(head, sumInts(v.w, sum(layout.SegW), 1, row))
		blind(coins.RowsW, sum(layout.SegW))
	}
	for _, part := range v.full {
		for i := range part.v {
			at := part.at + i
			var t fr.Element
			t.Mul(&part.v[i], &eq[at>>lay.L])
			out[at&(row-1)].Add(&out[at&(row-1)], &t)
		}
	}
	for seg, role := range map[layout.Segment]circuit.Role{layout.SegP: circuit.Private, layout.SegF: circuit.Fixed} {
		if r := lay.Rows[seg]; r.Count > 0 {
			head.Add(head, sumInts(keyRows(lay, s.values, seg, role), sum(seg), 1, row))
		}
	}
	blind(s.rowsP, sum(layout.SegP))
	w := sum(layout.SegH)
	parallel.Ranges(row, 256, func(lo, hi int) {
		t := make(fr.Vector, hi-lo)
		dst := out[lo:hi]
		for i := range w {
			t.ScalarMul(v.h[i*row+lo:i*row+hi], &w[i])
			dst.Add(dst, t)
		}
	})
	blind(coins.RowsH, w)
	return out
}
