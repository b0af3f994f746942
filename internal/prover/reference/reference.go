package reference

import (
	"math/big"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// Prover makes proofs over the SRS of a known tau.
type Prover struct {
	Tau  fr.Element
	Kind transcript.Kind
	// Start, if set, makes the transcripts: tests observe or program challenges by it.
	Start func(domain string) *transcript.Transcript
	// Cheat, if set, may alter V: at "columns" before the multiplicities are counted, at "W" before segment W is
	// committed, at "H" before segment H is.
	Cheat func(stage string, v fr.Vector)
	// Silent leaves out the curve: points are absorbed as infinity, and the bytes are of no use. Only for programmed
	// challenges.
	Silent bool
}

// Message is one message of a proof. The values of a message of points are their discrete logarithms.
type Message struct {
	Label  string
	Points bool
	Values fr.Vector
}

// Proof is a proof with what only a test may see.
type Proof struct {
	Bytes    []byte
	Messages []Message
	V        fr.Vector
	R2       []fr.Element // the point of sumcheck 2
	Rz       fr.Element
}

// Key is the entries of the key's rows.
type Key struct {
	Fixed, Private, Blinders fr.Vector
}

// Field embeds values.
func Field(values [][]int64) []fr.Vector {
	out := make([]fr.Vector, len(values))
	for i := range values {
		out[i] = field.FromInts(values[i])
	}
	return out
}

// NewKey places the constants; blinders are those of segment P's rows.
func NewKey(lay *layout.Layout, values []fr.Vector, blinders []fr.Element) *Key {
	rows := func(seg layout.Segment, role circuit.Role) fr.Vector {
		out := make(fr.Vector, lay.Rows[seg].Count<<lay.L)
		for i := range lay.C.Blocks {
			if b := &lay.C.Blocks[i]; b.Role == role {
				put(out[lay.At[i]-lay.Rows[seg].First<<lay.L:], b.Dims, values[i])
			}
		}
		return out
	}
	return &Key{rows(layout.SegF, circuit.Fixed), rows(layout.SegP, circuit.Private), blinders}
}

// put copies unpadded values to their padded positions.
func put(dst fr.Vector, dims []int, values fr.Vector) {
	k := 0
	layout.Inside(dims, func(at int) {
		dst[at] = values[k]
		k++
	})
}

// commit is the discrete logarithm of a polynomial's commitment.
func (p *Prover) commit(f fr.Vector) fr.Element { return polyAt(f, p.Tau) }

// rows commits rows of 2^L entries with their blinders; nil: none.
func (p *Prover) rows(lay *layout.Layout, entries, blinders fr.Vector) fr.Vector {
	var out fr.Vector
	for i := range len(entries) >> lay.L {
		row := append(fr.Vector(nil), entries[i<<lay.L:(i+1)<<lay.L]...)
		if blinders != nil {
			row = append(row, blinders[i])
		}
		out = append(out, p.commit(row))
	}
	return out
}

// KeyRows are the discrete logarithms of C_K.
func (p *Prover) KeyRows(lay *layout.Layout, k *Key) fr.Vector {
	return append(p.rows(lay, k.Fixed, nil), p.rows(lay, k.Private, k.Blinders)...)
}

// Points multiplies the generator.
func Points(logs fr.Vector) []bn254.G1Affine {
	_, _, g, _ := bn254.Generators()
	out := make([]bn254.G1Affine, len(logs))
	for i := range logs {
		out[i].ScalarMultiplication(&g, logs[i].BigInt(new(big.Int)))
	}
	return out
}

// SRS is the powers of tau, and [tau]_2.
func (p *Prover) SRS(n int) ([]bn254.G1Affine, bn254.G2Affine) {
	_, _, g, g2 := bn254.Generators()
	var tau bn254.G2Affine
	tau.ScalarMultiplication(&g2, p.Tau.BigInt(new(big.Int)))
	return bn254.BatchScalarMultiplicationG1(&g, field.Powers(&p.Tau, n)), tau
}

// Setup makes a verifying key. coins are those of the key proof; nil, if there is no private block.
func (p *Prover) Setup(c *circuit.Circuit, k *Key, coins *prover.Coins) (*proof.VerifyingKey, error) {
	lay, err := layout.New(c)
	if err != nil {
		return nil, err
	}
	_, tau := p.SRS(1)
	vk := &proof.VerifyingKey{Circuit: c, Rows: Points(p.KeyRows(lay, k)), Tau: tau, Unsafe: true}
	keyLay, err := layout.ForKey(c)
	if err != nil || keyLay == nil {
		return vk, err
	}
	vk.KeyProof = p.Prove(keyLay, vk.Digest(), k, make([]fr.Vector, len(c.Blocks)), coins).Bytes
	return vk, nil
}

// run is one proof in the making.
type run struct {
	p     *Prover
	lay   *layout.Layout
	key   *Key
	coins *prover.Coins
	inst  []fr.Vector // padded entries of the public blocks
	V     fr.Vector
	ch    claims.Challenges
	w     *proof.Writer
	out   Proof
}

func (r *run) scalars(label string, xs ...fr.Element) {
	r.w.Scalars(label, xs...)
	r.out.Messages = append(r.out.Messages, Message{label, false, xs})
}

func (r *run) points(label string, logs ...fr.Element) {
	ps := make([]bn254.G1Affine, len(logs))
	if !r.p.Silent {
		ps = Points(logs)
	}
	r.w.Points(label, ps...)
	r.out.Messages = append(r.out.Messages, Message{label, true, logs})
}

func (r *run) challenge(label string) fr.Element { return r.w.T.Challenge(label) }

func (r *run) cheat(stage string) {
	if r.p.Cheat != nil {
		r.p.Cheat(stage, r.V)
	}
}

// segment is the entries of a segment's rows.
func (r *run) segment(s layout.Segment) fr.Vector {
	return r.V[r.lay.Rows[s].First<<r.lay.L:][:r.lay.Rows[s].Count<<r.lay.L]
}

// Prove makes a proof, or a key proof if lay is a key's layout. values: by block, unpadded; those of the key are not read.
func (p *Prover) Prove(lay *layout.Layout, digest [32]byte, key *Key, values []fr.Vector, coins *prover.Coins) *Proof {
	domain := claims.DomainProof
	if lay.Key {
		domain = claims.DomainKey
	}
	return p.ProveAs(domain, lay, digest, key, values, coins)
}

// ProveAs is Prove in another domain.
func (p *Prover) ProveAs(domain string, lay *layout.Layout, digest [32]byte, key *Key, values []fr.Vector, coins *prover.Coins) *Proof {
	t := transcript.New(p.Kind, domain)
	if p.Start != nil {
		t = p.Start(domain)
	}
	r := &run{p: p, lay: lay, key: key, coins: coins, w: proof.NewWriter(t)}
	r.place(values)
	var flat []fr.Element
	for i := range r.inst {
		if r.inst[i] != nil {
			flat = append(flat, values[i]...)
		}
	}
	t.Digest("key", digest)
	t.Scalars("instances", flat)

	r.cheat("columns")
	r.multiplicities()
	r.cheat("W")
	r.points("C_W", p.rows(lay, r.segment(layout.SegW), coins.RowsW)...)
	r.ch.Alpha = r.challenge("alpha")
	r.ch.Beta = r.challenge("beta")
	r.helpers()
	r.cheat("H")
	r.points("C_H", p.rows(lay, r.segment(layout.SegH), coins.RowsH)...)
	r.ch.Rho = t.Challenges("rho", lay.RhoVars)
	r.ch.Zeta = t.Challenges("zeta", lay.ZetaVars)
	r.ch.Gamma = r.challenge("gamma")

	start := r.start()
	r.scalars("S", add(dot(start.e, r.V), start.known))
	values1 := r.sumcheck1()
	r.scalars("claims", values1...)

	delta := r.challenge("delta")
	e := make(fr.Vector, len(r.V))
	for k, f := range r.claims() {
		e = polyAdd(e, f.e, pow(delta, k))
	}
	mu, r2, atR2 := r.sumcheck2(e)
	poly := make(fr.Vector, 1<<lay.L+1)
	for row, c := range eqTable(r2[lay.L:]) {
		poly = polyAdd(poly, r.V[row<<lay.L:(row+1)<<lay.L], c)
		for seg, b := range [][]fr.Element{layout.SegP: key.Blinders, layout.SegW: coins.RowsW, layout.SegH: coins.RowsH} {
			if i := row - lay.Rows[seg].First; b != nil && 0 <= i && i < lay.Rows[seg].Count {
				poly[1<<lay.L] = add(poly[1<<lay.L], mul(c, b[i]))
			}
		}
	}
	r.open(poly, r2, atR2, mu)
	r.out.Bytes, r.out.V, r.out.R2, r.out.Rz = r.w.Bytes, r.V, r2, r.ch.R[len(r.ch.R)-1]
	return &r.out
}

// place writes V from the key, the values, the mask block and the cover block of segment W.
func (r *run) place(values []fr.Vector) {
	lay := r.lay
	r.V = make(fr.Vector, 1<<lay.N)
	r.inst = make([]fr.Vector, len(lay.C.Blocks))
	copy(r.segment(layout.SegP), r.key.Private)
	if !lay.Key {
		copy(r.segment(layout.SegF), r.key.Fixed)
		for i := range lay.C.Blocks {
			switch b := &lay.C.Blocks[i]; b.Role {
			case circuit.Public:
				r.inst[i] = make(fr.Vector, 1<<circuit.PaddedLog(b.Dims))
				put(r.inst[i], b.Dims, values[i])
			case circuit.Column, circuit.Free:
				put(r.V[lay.At[i]:], b.Dims, values[i])
			}
		}
	}
	u, g1 := r.masks(r.V)
	for i := range u {
		*u[i] = r.coins.Mask[i]
	}
	for i := range g1 {
		*g1[i] = r.coins.Mask[len(u)+i]
	}
	copy(r.V[lay.Cover:], r.coins.CoverW)
	copy(r.V[lay.G2At():], r.coins.G2)
}

// masks are the entries of a vector over V in whose places V holds the u's of the claims and the coefficients of g1: coefficient e of variable j is
// entry e of group j, of a power of two of entries; entry 0 of group i is u_i, after the last claim a_0.
func (r *run) masks(v fr.Vector) (u, g1 []*fr.Element) {
	group := 1
	for _, d := range r.lay.Degrees {
		for group <= d {
			group *= 2
		}
	}
	entry := func(j, e int) *fr.Element { return &v[r.lay.Mask+group*j+e] }
	for i := range r.lay.ClaimCount {
		u = append(u, entry(i, 0))
	}
	g1 = append(g1, entry(r.lay.ClaimCount, 0))
	for j, d := range r.lay.Degrees {
		for e := range d {
			g1 = append(g1, entry(j, e+1))
		}
	}
	return u, g1
}

// maskValues are V's entries there.
func (r *run) maskValues() (u, g1 []fr.Element) {
	pu, pg := r.masks(r.V)
	for _, x := range pu {
		u = append(u, *x)
	}
	for _, x := range pg {
		g1 = append(g1, *x)
	}
	return u, g1
}

// slot is the columns of a slot.
func (r *run) slot(s int) (tag, in, out fr.Vector) {
	n := 1 << r.lay.HeightVars
	in, out = r.V[r.lay.Slots[s].In:][:n], make(fr.Vector, n)
	if r.lay.Slots[s].Out != circuit.None {
		out = r.V[r.lay.Slots[s].Out:][:n]
	}
	return tagColumn(r.lay, s), in, out
}

// multiplicities counts the rows of the stacked table that are looked up; an entry in no table is not counted.
func (r *run) multiplicities() {
	id, in, out := r.tableColumns()
	where := map[[3]fr.Element]int{}
	for t := len(id) - 1; t >= 0; t-- {
		where[[3]fr.Element{id[t], in[t], out[t]}] = t
	}
	m := r.V[r.lay.M:]
	for s := range r.lay.Slots {
		tag, in, out := r.slot(s)
		for x := range tag {
			if t, ok := where[[3]fr.Element{tag[x], in[x], out[x]}]; ok {
				m[t] = add(m[t], one)
			}
		}
	}
}

// fingerprint is alpha - in - beta*out - beta^2*id.
func (r *run) fingerprint(id, in, out fr.Element) fr.Element {
	b := r.ch.Beta
	return sub(r.ch.Alpha, add(in, add(mul(b, out), mul(mul(b, b), id))))
}

// helpers fills segment H.
func (r *run) helpers() {
	copy(r.V[r.lay.CoverH:], r.coins.CoverH)
	for g, slots := range r.lay.Groups {
		h := r.V[r.lay.Helpers[g]:]
		for _, s := range slots {
			tag, in, out := r.slot(s)
			for x := range tag {
				h[x] = add(h[x], inv(r.fingerprint(tag[x], in[x], out[x])))
			}
		}
	}
	id, in, out := r.tableColumns()
	for t := range id {
		if m := r.V[r.lay.M+t]; !m.IsZero() {
			r.V[r.lay.HT+t] = mul(m, inv(r.fingerprint(id[t], in[t], out[t])))
		}
	}
}

// open proves E(r2) V(r2) + mu g2(r2): package pcs has the identity.
func (r *run) open(poly fr.Vector, r2 []fr.Element, atR2, mu fr.Element) {
	lay := r.lay
	row := lay.CoverRow()
	n := append(slices.Clone(r.V[row<<lay.L:(row+1)<<lay.L]), r.coins.RowsW[row-lay.Rows[layout.SegW].First])
	Open(r.p, r.points, r.scalars, r.w.T, poly, r2[:lay.L], n, r.maskRow(r2), atR2, mu)
}

// maskRow is the weights of the coefficients of the cover block's row in the mask of sumcheck 2.
func (r *run) maskRow(r2 []fr.Element) fr.Vector {
	e := make(fr.Vector, r.lay.G2At()%(1<<r.lay.L)+1)
	e[len(e)-1] = one
	for _, x := range r2 {
		e = append(e, x, mul(x, x))
	}
	return e
}

// Open makes an opening's messages (package pcs): of a <poly, eq(., u)> + mu <n, e>, the polynomials of any length.
func Open(p *Prover, points func(string, ...fr.Element), scalars func(string, ...fr.Element), t *transcript.Transcript,
	poly fr.Vector, u []fr.Element, n, e fr.Vector, a, mu fr.Element) {
	s := make(fr.Vector, max(len(poly), 1<<len(u), len(n), len(e))-1)
	for _, pair := range []struct {
		c    fr.Element
		x, y fr.Vector
	}{{a, poly, eqTable(u)}, {mu, n, e}} {
		for j := range pair.y { // x(X) y(1/X) + x(1/X) y(X): exponents i-j and j-i
			y := mul(pair.c, pair.y[j])
			for i := range pair.x {
				if i != j && !y.IsZero() {
					k := max(i-j, j-i) - 1
					s[k] = add(s[k], mul(y, pair.x[i]))
				}
			}
		}
	}
	points("C_S", p.commit(s))
	z := t.Challenge("z*")
	at := []fr.Element{z, inv(z)}
	scalars("values", polyAt(poly, at[0]), polyAt(poly, at[1]), polyAt(n, at[0]), polyAt(n, at[1]), polyAt(s, z))
	nu := t.Challenge("batch")
	f := polyAdd(polyAdd(poly, n, nu), s, mul(nu, nu))
	rest := through(at, []fr.Element{polyAt(f, at[0]), polyAt(f, at[1])})
	w := divideByRoots(polyAdd(f, rest, neg(one)), at...)
	points("W", p.commit(w))
	x := t.Challenge("w")
	last := polyAdd(f, fr.Vector{polyAt(rest, x)}, neg(one))
	last = polyAdd(polyAdd(nil, last, inv(vanishing(at, x))), w, neg(one))
	points("W'", p.commit(divideByRoots(last, x)))
}
