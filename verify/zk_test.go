package verify_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

// Zero knowledge with programmed challenges. The claims are r_z times the masks u plus something; given the claims,
// everything revealed is an affine function of the prover's other coins. So the honest proofs with given claims are the uniform
// distribution on an affine space, and perfect zero knowledge for these challenges is the equality of that space with the
// simulator's, whatever the key and the input. A point is its discrete logarithm here: SRS with a known tau.

// space is a basis of a linear space in echelon form.
type space struct {
	rows   []fr.Vector
	pivots []int
}

// reduce is v modulo the space.
func (s *space) reduce(v fr.Vector) fr.Vector {
	v = slices.Clone(v)
	t := make(fr.Vector, len(v))
	for i, row := range s.rows {
		if c := v[s.pivots[i]]; !c.IsZero() {
			t.ScalarMul(row, &c)
			v.Sub(v, t)
		}
	}
	return v
}

func zero(v fr.Vector) bool {
	return !slices.ContainsFunc(v, func(x fr.Element) bool { return !x.IsZero() })
}

// add adds a vector.
func (s *space) add(v fr.Vector) {
	v = s.reduce(v)
	p := slices.IndexFunc(v, func(x fr.Element) bool { return !x.IsZero() })
	if p < 0 {
		return
	}
	c := v[p]
	c.Inverse(&c)
	v.ScalarMul(v, &c)
	s.rows, s.pivots = append(s.rows, v), append(s.pivots, p)
}

func spaceOf(vs []fr.Vector) *space {
	s := &space{}
	for _, v := range vs {
		s.add(v)
	}
	return s
}

func minus(a, b fr.Vector) fr.Vector {
	out := make(fr.Vector, len(a))
	out.Sub(a, b)
	return out
}

// coin names one scalar of the prover's randomness.
type coin struct {
	part string // P, W, H, mask, cover W, cover H, g2
	i    int
}

// party is one secret with its coins: a proof or a key proof of the same circuit.
type party struct {
	lay, main *layout.Layout
	p         *reference.Prover
	key       *reference.Key
	values    []fr.Vector
	coins     *prover.Coins
	claims    fr.Vector
	rz        fr.Element
	labels    []string
}

// parties are made with the same programmed challenges.
func newParty(key bool, n *toynet.Net, coins int64) *party {
	main, err := layout.New(n.C)
	if err != nil {
		panic(err)
	}
	b := &party{lay: main, main: main, values: reference.Field(n.Values)}
	if key {
		if b.lay, err = layout.ForKey(n.C); err != nil {
			panic(err)
		}
	}
	b.p = &reference.Prover{Tau: fr.NewElement(987654321), Silent: true}
	b.p.Start = (&lab{}).script(11)
	rng := rand.New(rand.NewSource(coins))
	b.key = reference.NewKey(main, b.values, randomScalars(rng, main.Rows[layout.SegP].Count))
	b.coins = coinsOf(b.lay, coins+1000)
	return b
}

// store is where a coin lies.
func (b *party) store(c coin) *fr.Element {
	return &map[string][]fr.Element{"P": b.key.Blinders, "W": b.coins.RowsW, "H": b.coins.RowsH, "mask": b.coins.Mask, "cover W": b.coins.CoverW, "cover H": b.coins.CoverH, "g2": b.coins.G2}[c.part][c.i]
}

// run is everything revealed, C_K included.
func (b *party) run() fr.Vector {
	rows := b.p.KeyRows(b.main, b.key)
	p := b.p.Prove(b.lay, [32]byte{}, b.key, b.values, b.coins)
	return b.collect(rows, p)
}

func (b *party) collect(rows fr.Vector, p *reference.Proof) fr.Vector {
	out := slices.Clone(rows)
	b.labels = make([]string, len(rows))
	for i := range b.labels {
		b.labels[i] = "C_K"
	}
	for _, m := range p.Messages {
		for range m.Values {
			b.labels = append(b.labels, m.Label)
		}
		out = append(out, m.Values...)
		if m.Label == "claims" {
			b.claims = slices.Clone(m.Values)
		}
	}
	b.rz = p.Rz
	return out
}

// all lists the coins but for the masks of claims.
func (b *party) all() []coin {
	var out []coin
	add := func(part string, n int) {
		for i := range n {
			if part != "mask" || i >= b.lay.MaskG1 {
				out = append(out, coin{part, i})
			}
		}
	}
	add("P", len(b.key.Blinders))
	add("W", len(b.coins.RowsW))
	add("H", len(b.coins.RowsH))
	add("mask", len(b.coins.Mask))
	add("cover W", layout.CoverW)
	add("cover H", layout.CoverH)
	add("g2", len(b.coins.G2))
	return out
}

// jacobian is how the revealed values move with each coin. The claims must not move.
func (b *party) jacobian(t *testing.T, base fr.Vector) map[coin]fr.Vector {
	t.Helper()
	claims := b.claims
	out := map[coin]fr.Vector{}
	one := fr.One()
	for _, c := range b.all() {
		x := b.store(c)
		x.Add(x, &one)
		out[c] = minus(b.run(), base)
		x.Sub(x, &one)
		if !slices.Equal(claims, b.claims) {
			t.Fatalf("the claims depend on %v", c)
		}
	}
	b.claims = claims
	return out
}

// match chooses the masks u so that the claims are as wanted, and runs.
func (b *party) match(t *testing.T, wanted fr.Vector) fr.Vector {
	t.Helper()
	b.run()
	var inv fr.Element
	inv.Inverse(&b.rz)
	for i := range wanted {
		var d fr.Element
		d.Sub(&wanted[i], &b.claims[i]).Mul(&d, &inv)
		u := b.store(coin{"mask", i})
		u.Add(u, &d)
	}
	out := b.run()
	if !slices.Equal(b.claims, wanted) {
		t.Fatal("the claims are not r_z u + constant")
	}
	return out
}

// masks lists what hides a proof, each with the coins that make it.
func (b *party) masks() map[string][]coin {
	l := b.lay
	out := map[string][]coin{}
	span := func(name, part string, lo, hi int) {
		for i := lo; i < hi; i++ {
			out[name] = append(out[name], coin{part, i})
		}
	}
	z := l.Degrees[len(l.Degrees)-1]
	round := func(j int) int { return l.MaskG1 + layout.MaskCoeffs(l.Degrees[:j]) } // the first coefficient of round j
	span("g1", "mask", l.MaskG1, l.MaskSize)
	span("g1's z round", "mask", l.MaskSize-z, l.MaskSize)
	if l.IndexVars > 0 {
		span("g1's index rounds", "mask", round(l.InnerVars), round(l.InnerVars+l.IndexVars))
		for j := range l.IndexVars {
			span("g1's index rounds, degree 3", "mask", round(l.InnerVars+j)+2, round(l.InnerVars+j)+3)
		}
	}
	for part, n := range map[string]int{"cover W": layout.CoverW, "cover H": layout.CoverH} {
		span("the "+part, part, 0, n)
		for i := range n {
			span(fmt.Sprintf("entry %d of the %s", i, part), part, i, i+1)
		}
	}
	span("g2", "g2", 0, len(b.coins.G2))
	for part, row := range map[string]int{"W": l.CoverRow() - l.Rows[layout.SegW].First, "H": l.CoverH>>l.L - l.Rows[layout.SegH].First} {
		span("the blinder of the row of the cover "+part, part, row, row+1)
	}
	span("a blinder of W", "W", 0, 1)
	span("a blinder of H", "H", 0, 1)
	span("a blinder of P", "P", 0, 1)
	return out
}

// inst are the padded public blocks.
func (b *party) inst() claims.Instances {
	out := make(claims.Instances, len(b.values))
	if b.lay.Key {
		return out
	}
	for i := range out {
		if blk := &b.lay.C.Blocks[i]; blk.Role == 0 {
			out[i] = make(fr.Vector, 1<<len2(blk.Dims))
			k := 0
			layout.Inside(blk.Dims, func(at int) { out[i][at] = b.values[i][k]; k++ })
		}
	}
	return out
}

func len2(dims []int) int {
	n := 0
	for _, d := range dims {
		for x := 1; x < d; x *= 2 {
			n++
		}
	}
	return n
}

// empty reports whether a column of a key proof holds padding only: its claim is that of a column of zeros in every key.
func (b *party) empty(slot int) bool {
	if !b.lay.Key || slot < 0 || slot >= len(b.lay.Slots) {
		return false
	}
	for i := range b.lay.Tags {
		some := false
		layout.Inside(b.lay.Tags[i].Dims, func(at int) { some = some || (b.lay.Tags[i].Address+at)>>b.lay.HeightVars == slot })
		if some {
			return false
		}
	}
	return true
}

// hiddenNets are nets that differ in key and input and have the same public data.
func hiddenNets(t *testing.T, seeds ...int64) []*toynet.Net {
	t.Helper()
	var out []*toynet.Net
	for _, seed := range seeds {
		n, err := toynet.New(seed, layout.Arrange)
		if err != nil {
			t.Fatal(err)
		}
		if n, err = n.Hidden(); err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func TestZeroKnowledge(t *testing.T) {
	for _, key := range []bool{false, true} {
		t.Run(map[bool]string{false: "proof", true: "key proof"}[key], func(t *testing.T) { study(t, key) })
	}
}

func study(t *testing.T, key bool) {
	nets := hiddenNets(t, 1, 2, 3)
	a := newParty(key, nets[0], 1)
	base := a.run()
	target := a.claims
	rows := a.jacobian(t, base)
	var list []fr.Vector
	for _, c := range a.all() {
		list = append(list, rows[c])
	}
	honest := spaceOf(list)
	t.Logf("revealed %d, claims %d, coins %d, rank given the claims %d", len(base), len(target), len(list)+len(target), len(honest.rows))

	// simulated transcripts with the same claims: they verify, lie in the honest space, and span it
	rng := rand.New(rand.NewSource(5))
	f := a.main.Rows[layout.SegF].Count
	public := a.p.KeyRows(a.main, a.key)[:f]
	var sims []fr.Vector
	var first fr.Vector
	count := len(honest.rows) + 6
	if !full && !key {
		count = 20
	}
	for i := range count {
		p := *a.p
		p.Silent = i >= 8
		keyRows := append(slices.Clone(public), randomScalars(rng, a.main.Rows[layout.SegP].Count)...)
		mine := keyRows
		if key {
			mine = keyRows[f:]
		}
		s := p.Simulate(a.lay, mine, a.inst(), func() *transcript.Transcript { return a.p.Start("") }, rng, target)
		v := a.collect(keyRows, s)
		if !zero(honest.reduce(minus(v, base))) {
			t.Errorf("simulated transcript %d lies outside the honest space", i)
		}
		if i > 0 {
			sims = append(sims, minus(v, first))
		} else {
			first = v
		}
		if !p.Silent {
			_, tau := p.SRS(1)
			vk := &proof.VerifyingKey{Circuit: nets[0].C, Rows: reference.Points(keyRows), Tau: tau}
			k := verify.Unchecked(vk)
			var err error
			if key {
				err = k.VerifyKeyProofOn(s.Bytes, a.p.Start(""))
			} else {
				err = k.VerifyOn(nets[0].Instances(), s.Bytes, a.p.Start(""))
			}
			if err != nil {
				t.Errorf("simulated transcript %d: %v", i, err)
			}
		}
	}
	if got := len(spaceOf(sims).rows); got != min(len(honest.rows), count-1) {
		t.Errorf("simulated transcripts span rank %d, honest ones %d", got, len(honest.rows))
	}

	// claims: r_z times the identity in the u's
	one := fr.One()
	for i := range target {
		u := a.store(coin{"mask", i})
		u.Add(u, &one)
		a.run()
		u.Sub(u, &one)
		for j := range target {
			var d fr.Element
			d.Sub(&a.claims[j], &target[j])
			if i == j && !d.Equal(&a.rz) || i != j && !d.IsZero() {
				t.Errorf("u_%d moves claim %d", i, j)
			}
		}
	}
	// other keys and inputs
	for i, n := range nets[1:] {
		b := newParty(key, n, int64(50+i))
		if !zero(honest.reduce(minus(b.match(t, target), base))) {
			t.Errorf("another key and input (%d) gives another distribution", i)
		}
	}
	// every mask is needed
	for what, gone := range a.masks() {
		if !full && !key && strings.HasPrefix(what, "entry") {
			continue // as in the key proof
		}
		var rest []fr.Vector
		shift := make(fr.Vector, len(base))
		for _, c := range a.all() {
			if !slices.Contains(gone, c) {
				rest = append(rest, rows[c])
				continue
			}
			d := make(fr.Vector, len(base))
			d.ScalarMul(rows[c], a.store(c))
			shift.Sub(shift, d)
		}
		b := newParty(key, nets[1], 60)
		for _, c := range gone {
			b.store(c).SetZero()
		}
		left := spaceOf(rest).reduce(minus(minus(b.match(t, target), base), shift))
		if zero(left) {
			t.Errorf("without %s nothing leaks", what)
		}
	}
	// every u is needed: without it a claim tells two secrets apart
	for i := range target {
		var seen []fr.Element
		for _, n := range nets[:2] {
			b := newParty(key, n, 1)
			b.store(coin{"mask", i}).SetZero()
			b.run()
			seen = append(seen, b.claims[i])
		}
		if seen[0].Equal(&seen[1]) && !a.empty(i-1) { // claim 0 is h, then the slots
			t.Errorf("without the mask of claim %d nothing leaks", i)
		}
	}
}

// TestZeroKnowledgeJoint: two transcripts that share the key's rows and their blinders.
func TestZeroKnowledgeJoint(t *testing.T) {
	if !full {
		t.Skip("with the build tag full")
	}
	nets := hiddenNets(t, 1, 2)
	for _, kinds := range [][2]bool{{false, false}, {true, false}, {true, true}} {
		var one, two [2]*party
		var bases, got [2]fr.Vector
		var rows [2]map[coin]fr.Vector
		for i, key := range kinds {
			one[i], two[i] = newParty(key, nets[0], int64(1+i)), newParty(key, nets[1], int64(70+i))
			one[i].p.Start, two[i].p.Start = (&lab{}).script(int64(21+i)), (&lab{}).script(int64(21+i))
			one[i].key.Blinders, two[i].key.Blinders = one[0].key.Blinders, two[0].key.Blinders
			bases[i] = one[i].run()
			rows[i] = one[i].jacobian(t, bases[i])
			got[i] = two[i].match(t, one[i].claims)
		}
		both := func(a, b fr.Vector) fr.Vector { return append(slices.Clone(a), b...) }
		s := &space{}
		for _, c := range one[0].all() {
			if c.part == "P" {
				s.add(both(rows[0][c], rows[1][c]))
			} else {
				s.add(both(rows[0][c], make(fr.Vector, len(bases[1]))))
			}
		}
		for _, c := range one[1].all() {
			if c.part != "P" {
				s.add(both(make(fr.Vector, len(bases[0])), rows[1][c]))
			}
		}
		if !zero(s.reduce(minus(both(got[0], got[1]), both(bases[0], bases[1])))) {
			t.Errorf("key proofs %v: two transcripts tell another key and input apart", kinds)
		}
	}
}
