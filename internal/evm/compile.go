package evm

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// Registers: words that the contract fills before the tapes run, in this order; then the points, three words a coordinate.
const (
	regAlpha = iota
	regBeta
	regGamma
	regS
	regLast
	regDelta
	regClaims // the claimed values; then rho, zeta, R and r2
)

// compiler restates package claims over a graph: the same formulas, on addresses instead of numbers.
type compiler struct {
	*graph
	lay              *layout.Layout
	rho, zeta, r, r2 []coordinate
	registers        int
	digit            int   // eqBits takes so many variables at a time
	instanceAt       []int // first instance of each public block
	indexUpTo        map[int]ref
}

func newCompiler(lay *layout.Layout, digit int) *compiler {
	c := &compiler{graph: newGraph(), lay: lay, digit: digit, indexUpTo: map[int]ref{}}
	at := regClaims + lay.ClaimCount
	points := func(n int) []coordinate {
		p := make([]coordinate, n)
		for i := range p {
			p[i] = coordinate(at)
			at += coordinateWords
		}
		return p
	}
	c.rho, c.zeta, c.r, c.r2 = points(lay.RhoVars), points(lay.ZetaVars), points(len(lay.Degrees)), points(lay.N)
	c.registers = at
	n := 0
	for i := range lay.C.Blocks {
		c.instanceAt = append(c.instanceAt, n)
		if b := &lay.C.Blocks[i]; b.Role == circuit.Public {
			n += circuit.Count(b.Dims)
		}
	}
	return c
}

func (c *compiler) register(i int) ref { return ref{baseRegister, i} }

func (c *compiler) delta(e int) ref { return c.powerOf(c.register(regDelta), e) }

func (c *compiler) gamma(e int) ref { return c.powerOf(c.register(regGamma), e) }

func (c *compiler) claim(i int) ref { return c.register(regClaims + i) }

// noneOf is the product of (1 - x) over a point.
func (c *compiler) noneOf(p []coordinate) ref { return c.eqIndex(0, p) }

// functionals are summands of E(r2), by their factors.
type functionals struct {
	*compiler
	power func(e int) ref
	parts map[ref]*stack
	order []ref
}

// functionals is a sum yet empty, of terms with powers of some number.
func (c *compiler) functionals(power func(e int) ref) *functionals {
	return &functionals{compiler: c, power: power, parts: map[ref]*stack{}}
}

// weight is what a functional is multiplied with: a factor, a power and eq(index, the index variables), if index is not none.
type weight struct {
	factor       ref
	power, index int
}

const none = -1

// add adds weight * f.
func (s *functionals) add(w weight, f *functional) {
	for _, t := range f.terms {
		if s.parts[t.factor] == nil {
			s.parts[t.factor] = s.blocks(s.power)
			s.order = append(s.order, t.factor)
		}
		s.parts[t.factor].putBlock(term{coef: t.coef, factor: w.factor, power: w.power}, t.block, w.index)
	}
}

// total is their sum.
func (s *functionals) total() ref {
	var total []pair
	for _, factor := range s.order {
		total = append(total, pair{factor, s.parts[factor].total()})
	}
	return s.sum(total...)
}

// compile builds everything: K, the sum of delta^i times the claims' values, and E(r2).
func (c *compiler) compile() (k, e ref) {
	lay := c.lay
	z := c.r[len(c.r)-1]
	rest := z.not()
	var values []pair

	// Claimed expressions, extended by their masks. Those of the bilinear contractions have many parts, which share delta^i.
	parts := c.expressions()
	i := 0
	var total, knowns []pair
	lookups := c.functionals(c.delta)
	for k, p := range parts {
		if !p.claimed {
			continue
		}
		values = append(values, pair{c.delta(i), c.claim(i)})
		if known := c.sum(p.known...); !c.isZero(known) {
			knowns = append(knowns, pair{c.delta(i), known})
		}
		if k < bilinearSides {
			side := c.functionals(c.gamma)
			for j := range p.parts {
				side.add(p.parts[j].weight, &p.parts[j].f)
			}
			total = append(total, pair{c.delta(i), side.total()})
		} else {
			for j := range p.parts {
				lookups.add(weight{p.parts[j].weight.factor, i, none}, &p.parts[j].f)
			}
		}
		i++
	}
	values = append(values, pair{c.mul(rest, c.minus()), c.sum(knowns...)})
	total = []pair{{rest, c.sum(append(total, pair{lookups.total(), c.one()})...)}}

	// S, the first value of sumcheck 1; then g1, its mask.
	s, g1 := c.delta(i), c.delta(i+1)
	values = append(values, pair{s, c.register(regS)}, pair{g1, c.register(regLast)})
	knowns = nil
	relations := c.functionals(c.gamma)
	for j := range lay.C.Relations {
		f := c.relation(&lay.C.Relations[j])
		if known := c.sum(f.known...); !c.isZero(known) {
			knowns = append(knowns, pair{c.gamma(j), known})
		}
		relations.add(weight{factor: c.one(), power: j, index: none}, &f)
	}
	values = append(values, pair{c.mul(s, c.minus()), c.sum(knowns...)})
	total = append(total, pair{s, relations.total()})
	final := c.finalTotal(parts)
	values = append(values, pair{c.mul(g1, c.minus()), final})
	k = c.sum(values...)

	return k, c.sum(append(total, c.mask(z, s, g1))...)
}

// weightedPart is a functional times a public weight.
type weightedPart struct {
	weight weight
	f      functional
}

// claimedExpr is one of the expressions that sumcheck 1 ends on.
type claimedExpr struct {
	parts   []weightedPart
	known   []pair
	claimed bool
}

// bilinearSides are A and B, the first two expressions.
const bilinearSides = 2

// expressions lists them in canonical order, like claims.expressions.
func (c *compiler) expressions() []claimedExpr {
	lay := c.lay
	out := make([]claimedExpr, bilinearSides)
	for j, at := range lay.Bilinear {
		rel := &lay.C.Relations[at.Relation]
		k := &rel.Sum[at.Contraction]
		p := outPoints(rel, c.rho).withInner(rel, k, c.r)
		for side, e := range []*circuit.Expr{&k.A, k.B} {
			var f functional
			c.expression(&f, rel, e, p)
			out[side].parts = append(out[side].parts, weightedPart{weight{c.one(), 0, j}, f})
			if known := c.sum(f.known...); !c.isZero(known) {
				out[side].known = append(out[side].known, pair{c.eqIndex(j, c.index()), known})
			}
		}
	}
	out[0].claimed, out[1].claimed = lay.ClaimA, lay.ClaimB
	one := fr.One()
	x, t := c.r[:lay.HeightVars], c.r[:lay.TableVars]
	add := func(parts ...weightedPart) { out = append(out, claimedExpr{parts: parts, claimed: true}) }
	block := func(factor ref, offset int, p []coordinate) weightedPart {
		return weightedPart{weight{factor, 0, none}, functional{terms: []weighted{c.point(one, c.one(), offset, p)}}}
	}
	for g, slots := range lay.Groups {
		add(block(c.one(), lay.Helpers[g], x))
		for _, s := range slots {
			parts := []weightedPart{block(c.one(), lay.Slots[s].In, x)}
			if lay.Slots[s].Out != circuit.None {
				parts = append(parts, block(c.register(regBeta), lay.Slots[s].Out, x))
			}
			add(parts...)
		}
	}
	add(block(c.one(), lay.HT, t))
	add(block(c.one(), lay.M, t))
	if lay.ClaimOut {
		var parts []weightedPart
		for i := range lay.Tables {
			if lay.Tables[i].Out != circuit.None {
				k := circuit.Log2Ceil(lay.Tables[i].Size)
				parts = append(parts, block(c.eqIndex(lay.TableAt[i]>>k, t[k:]), lay.At[lay.Tables[i].Out], t[:k]))
			}
		}
		add(parts...)
	}
	return out
}

// index are the variables that number the bilinear contractions.
func (c *compiler) index() []coordinate { return layout.Index(c.lay, c.r) }

// finalTotal is sumcheck 1's polynomial, without its mask, at its point, like claims.FinalTotal.
func (c *compiler) finalTotal(parts []claimedExpr) ref {
	lay := c.lay
	relations := len(lay.C.Relations)
	gammaTable, gammaSum := c.gamma(relations+len(lay.Groups)), c.gamma(relations+len(lay.Groups)+1)
	i := 0
	next := func() ref {
		i++
		return c.claim(i - 1)
	}
	side := func(e *claimedExpr) ref {
		if e.claimed {
			return next()
		}
		return c.sum(e.known...)
	}
	a, b := side(&parts[0]), side(&parts[1])
	total := []pair{{c.mul(c.bilinear(), c.noneOf(layout.Beyond(lay, c.r))), c.mul(a, b)}}

	// lookups: sum of h_g prod D - cross, each with its power of gamma, and of h_g with the common one
	x, t := c.r[:lay.HeightVars], c.r[:lay.TableVars]
	beta := c.register(regBeta)
	minusBeta2 := c.prod(beta, beta, c.minus())
	var zero, helpers []pair
	for g, slots := range lay.Groups {
		h := next()
		full, cross := c.one(), c.zero()
		for _, s := range slots {
			fp := next()
			d := c.sum(pair{c.register(regAlpha), c.one()}, pair{fp, c.minus()}, pair{minusBeta2, c.tag(s, x)})
			cross = c.sum(pair{cross, d}, pair{full, c.one()})
			full = c.mul(full, d)
		}
		v := c.sum(pair{full, h}, pair{cross, c.minus()})
		zero = append(zero, pair{c.gamma(relations + g), v})
		helpers = append(helpers, pair{h, gammaSum})
	}
	if len(lay.Groups) > 0 {
		sum := c.sum(append([]pair{{c.eq(c.zeta[:lay.HeightVars], x), c.sum(zero...)}}, helpers...)...)
		total = append(total, pair{sum, c.noneOf(c.r[lay.HeightVars:lay.N1])})
	}

	h, m := next(), next()
	id, in := c.tables(t)
	fp := []pair{{c.register(regAlpha), c.one()}, {c.mul(minusBeta2, c.one()), id}, {c.minus(), in}}
	if lay.ClaimOut {
		fp = append(fp, pair{c.mul(beta, c.minus()), next()})
	}
	v := c.sum(pair{h, c.sum(fp...)}, pair{m, c.minus()})
	v = c.sum(pair{c.mul(c.eq(c.zeta[:lay.TableVars], t), gammaTable), v}, pair{c.mul(gammaSum, c.minus()), h})
	total = append(total, pair{v, c.noneOf(c.r[lay.TableVars:lay.N1])})
	return c.mul(c.sum(total...), c.r[len(c.r)-1].not())
}

// bilinear is the sum of the public factors of the bilinear contractions, each with eq(its number, index variables).
func (c *compiler) bilinear() ref {
	parts := map[ref]*stack{}
	var order []ref
	for j, at := range c.lay.Bilinear {
		w := c.bilinearWeight(at)
		if parts[w] == nil {
			parts[w] = &stack{compiler: c, point: c.index(), split: c.lay.IndexVars, power: c.gamma}
			order = append(order, w)
		}
		parts[w].put(term{coef: fr.One(), factor: c.one(), power: at.Relation}, 0, uint64(j))
	}
	var pairs []pair
	for _, w := range order {
		pairs = append(pairs, pair{w, parts[w].total()})
	}
	return c.sum(pairs...)
}

// bilinearWeight is the public factor of a bilinear contraction at sumcheck 1's point, without its power of gamma: the
// lone output letters, the axis relations, and 1 - r for every round between its last inner variable and the index.
func (c *compiler) bilinearWeight(at layout.Bilinear) ref {
	rel := &c.lay.C.Relations[at.Relation]
	k := &rel.Sum[at.Contraction]
	p := outPoints(rel, c.rho).withInner(rel, k, c.r)
	w := c.noneOf(c.r[rel.Vars(k.Inner):c.lay.InnerVars])
	held := rel.Holders(k)
	for _, l := range rel.Out {
		if held[l] == 0 {
			w = c.mul(w, c.lt(rel.Letters[l].Len, p[l]))
		}
	}
	for i := range k.R {
		r := &k.R[i]
		letters := make([]letterPoint, len(r.Letters))
		for j, l := range r.Letters {
			letters[j] = letterPoint{length: rel.Letters[l].Len, point: p[l]}
		}
		w = c.mul(w, c.axisRelation(r, letters))
	}
	return w
}
