package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// One test for each finding of tools/toy/REVIEW.md, named after it. Where the wrong reading is itself a circuit, it is
// proven beside the right one; where it is a change of the verifier, tools/mutants makes that change and these tests fail.

// N1: a dynamic table whose `in` has no bounds has rows (0, i, 0) for the i of its axis padding, so the padding of any
// column can be i. With a column's padding set to 6, which is such an i, a false public sum over that column would hold.
func TestN1DynamicTableIn(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	yq := n.Block("yq") // [3, 2], padded [4, 2]
	total, err := n.With("E", 2, func(e int) circuit.Relation {
		g, o := circuit.Letter(0), circuit.Letter(1)
		return circuit.Relation{
			Name: "total", Letters: []circuit.Axis{{Name: "g", Len: 3}, {Name: "o", Len: 2}}, Out: []circuit.Letter{o},
			LHS: circuit.Expr{Letters: []circuit.Letter{o}, Terms: []circuit.Term{{Coef: 1, Block: e, Axes: []circuit.Letter{o}}}},
			Sum: []circuit.Contraction{{Inner: []circuit.Letter{g}, A: circuit.Expr{Letters: []circuit.Letter{g, o},
				Terms: []circuit.Term{{Coef: 1, Block: yq, Axes: []circuit.Letter{g, o}}}}}},
		}
	}, func(o int) int64 { return n.Values[yq][o] + n.Values[yq][2+o] + n.Values[yq][4+o] })
	l := newLab(t, total, err, 3)
	e := l.net.Block("E")
	values := slices.Clone(l.values)
	values[e] = slices.Clone(values[e])
	six := fr.NewElement(6)
	values[e][1].Add(&values[e][1], &six) // false
	p := *l.p
	p.Cheat = func(stage string, v fr.Vector) {
		if stage == "columns" {
			v[l.lay.At[yq]+7] = six // yq[3, 1], in the padding
		}
	}
	got := p.Prove(l.lay, l.vk.Digest(), l.key, values, l.coins)
	want(t, "a false sum that reads 6 from the padding", l.accepted.Verify(l.instancesOf(values), got.Bytes, verify.EVM), verify.CodeOpening)
	// and every column's padding, with each index of the table's padding
	for _, name := range []string{"X", "q1", "r1", "yq", "idx", "rem", "gap"} {
		b := l.net.Block(name)
		dims := l.net.C.Blocks[b].Dims
		inside := map[int]bool{}
		layout.Inside(dims, func(at int) { inside[at] = true })
		at := 1<<circuit.PaddedLog(dims) - 1
		if inside[at] {
			t.Fatalf("%s has no padding", name)
		}
		for _, x := range []uint64{6, 7} {
			p.Cheat = func(stage string, v fr.Vector) {
				if stage == "columns" {
					v[l.lay.At[b]+at] = fr.NewElement(x)
				}
			}
			got := p.Prove(l.lay, l.vk.Digest(), l.key, l.values, l.coins)
			if err := l.verify(got.Bytes); err == nil {
				t.Errorf("padding of %s set to %d: accepted", name, x)
			}
		}
	}
}

// N2: a function table in a blinded row can be recomputed by nobody. Function tables must be Fixed, and Fixed blocks lie
// in rows of their own, without blinders.
func TestN2FixedRowsAreUnblinded(t *testing.T) {
	l := toyLab(t)
	for _, role := range []circuit.Role{circuit.Private, circuit.Column, circuit.Free, circuit.Public} {
		c := *l.net.C
		c.Blocks = slices.Clone(c.Blocks)
		b := &c.Blocks[l.net.Block("relu")]
		b.Role = role
		if role == circuit.Private {
			b.KeyTable = len(c.KeyTables)
			c.KeyTables = append(slices.Clone(c.KeyTables), circuit.Table{Lo: 0, Size: 128, Out: circuit.None})
		}
		if err := c.Check(); err == nil {
			t.Errorf("a function table of role %d: no error", role)
		}
	}
	for i := range l.lay.Rows[layout.SegF].Count {
		row := l.key.Fixed[i<<l.lay.L : (i+1)<<l.lay.L]
		if c := reference.Points(fr.Vector{evalAt(row, l.p.Tau)}); !c[0].Equal(&l.vk.Rows[i]) {
			t.Errorf("row %d of segment F is not the plain commitment of its entries", i)
		}
	}
	// relu(1) = 2: the comparison of rows shows it (TestFixedRows); without that, a proof of a wrong network is accepted
	values := slices.Clone(l.values)
	relu := l.net.Block("relu")
	values[relu] = slices.Clone(values[relu])
	for i := range values[relu] {
		one := fr.One()
		values[relu][i].Add(&values[relu][i], &one) // relu(x) + 1, unused by an honest witness
	}
	k := reference.NewKey(l.lay, values, l.key.Blinders)
	vk := l.setup(k)
	if _, err := verify.NewKey(vk); err != nil {
		t.Errorf("the key proof speaks of private constants only: %v", err)
	}
	if vk.Rows[0].Equal(&l.vk.Rows[0]) {
		t.Error("the row does not show the function")
	}
}

func evalAt(p fr.Vector, x fr.Element) fr.Element {
	var acc fr.Element
	for i := len(p) - 1; i >= 0; i-- {
		acc.Mul(&acc, &x).Add(&acc, &p[i])
	}
	return acc
}

// N3: a quotient in no range table takes any remainder below the divisor, with y = (s - rem)/den mod p.
func TestN3QuotientNeedsARange(t *testing.T) {
	honest, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	yq := honest.Block("yq")
	loose, err := honest.Unlooked(yq)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		n    *toynet.Net
		code verify.Code
	}{{"quotient in no range table", loose, ""}, {"quotient in a range table", honest, verify.CodeOpening}} {
		l := newLab(t, c.n, nil, 4)
		v := slices.Clone(l.values)
		edit := func(name string, at int, f func(x *fr.Element)) {
			b := l.net.Block(name)
			v[b] = slices.Clone(v[b])
			f(&v[b][at])
		}
		// an entry that the gather does not read (idx are padded flat indices, equal to flat ones here), with a divisor above 1
		at := -1
		for i := range v[yq] {
			read := slices.ContainsFunc(l.net.Values[l.net.Block("idx")], func(x int64) bool { return int(x) == i })
			if !read && l.net.Values[l.net.Block("den")][i/2] > 1 {
				at = i
			}
		}
		if at < 0 {
			t.Fatal("no free entry: choose another seed")
		}
		den := l.net.Values[l.net.Block("den")][at/2]
		rem := (l.net.Values[l.net.Block("rem")][at] + 1) % den
		edit("rem", at, func(x *fr.Element) { x.SetInt64(rem) })
		edit("gap", at, func(x *fr.Element) { x.SetInt64(den - 1 - rem) })
		edit("yq", at, func(x *fr.Element) {
			var d fr.Element
			d.SetInt64(den)
			d.Inverse(&d)
			x.SetInt64(l.net.Values[l.net.Block("s")][at] - rem)
			x.Mul(x, &d)
		})
		want(t, c.name+", wrong remainder", l.verify(l.prove(v).Bytes), c.code)
	}
}

// N4: the rules of relations. Each defect is refused.
func TestN4RelationRules(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.C.Check(); err != nil {
		t.Fatal(err)
	}
	conv := func(edit func(r *circuit.Relation, k *circuit.Contraction)) *circuit.Circuit {
		c := *n.C
		c.Relations = slices.Clone(c.Relations)
		r := c.Relations[0]
		r.Letters, r.Out, r.Sum = slices.Clone(r.Letters), slices.Clone(r.Out), slices.Clone(r.Sum)
		k := &r.Sum[0]
		k.Inner, k.R = slices.Clone(k.Inner), slices.Clone(k.R)
		b := *k.B
		k.B = &b
		edit(&r, k)
		c.Relations[0] = r
		return &c
	}
	w1 := n.Block("W1")
	for _, c := range []struct {
		name, want string
		edit       func(r *circuit.Relation, k *circuit.Contraction)
	}{
		{"nothing", "", func(*circuit.Relation, *circuit.Contraction) {}},
		{"the group letter held by B and by `same`", "held by 2 factors", func(r *circuit.Relation, k *circuit.Contraction) {
			*k.B = circuit.Expr{Letters: []circuit.Letter{0, 1, 4, 5}, Terms: []circuit.Term{{Coef: 1, Block: w1, Axes: []circuit.Letter{0, 1, 4, 5}}}}
		}},
		{"an inner letter that nothing holds", "held by no factor", func(r *circuit.Relation, k *circuit.Contraction) {
			r.Letters = append(r.Letters, circuit.Axis{Name: "z", Len: 3})
			k.Inner = append(k.Inner, 7)
		}},
		{"a letter whose bound is not its axis's length", "has length", func(r *circuit.Relation, k *circuit.Contraction) { r.Letters[4].Len++ }},
		{"a left side without an output letter", "left side", func(r *circuit.Relation, k *circuit.Contraction) {
			r.LHS.Letters = r.LHS.Letters[:2]
		}},
		{"a held letter that is neither output nor inner", "neither output nor inner", func(r *circuit.Relation, k *circuit.Contraction) { k.Inner = k.Inner[1:] }},
		{"a letter both output and inner", "both output and inner", func(r *circuit.Relation, k *circuit.Contraction) { k.Inner = append(k.Inner, 0) }},
		{"an inner letter twice", "repeated", func(r *circuit.Relation, k *circuit.Contraction) { k.Inner = append(k.Inner, k.Inner[0]) }},
		{"a letter in two axis relations", "two axis relations", func(r *circuit.Relation, k *circuit.Contraction) { k.R = append(k.R, k.R[1]) }},
		{"an axis that its expression does not hold", "does not hold", func(r *circuit.Relation, k *circuit.Contraction) { k.B.Letters = k.B.Letters[:3] }},
		{"an unknown letter", "unknown", func(r *circuit.Relation, k *circuit.Contraction) { k.Inner = append(k.Inner, 20) }},
	} {
		err := conv(c.edit).Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// N5: masks and degrees of sumcheck 1 are internal/layout's TestShape; that every claim has a mask of its own, here.
func TestN5EveryClaimHasItsMask(t *testing.T) {
	l := toyLab(t)
	// a change of u_i changes claim i, by r_z, and no other
	claims := func(p *reference.Proof) fr.Vector {
		for _, m := range p.Messages {
			if m.Label == "claims" {
				return m.Values
			}
		}
		return nil
	}
	script := l.script(1)
	l.p.Start = script
	base := l.prove(l.values)
	for i := range l.lay.ClaimCount {
		coins := *l.coins
		coins.Mask = slices.Clone(coins.Mask)
		one := fr.One()
		coins.Mask[i].Add(&coins.Mask[i], &one)
		p := l.p.Prove(l.lay, l.vk.Digest(), l.key, l.values, &coins)
		for j := range l.lay.ClaimCount {
			var d, wanted fr.Element
			d.Sub(&claims(p)[j], &claims(base)[j])
			if i == j {
				wanted = base.Rz
			}
			if !d.Equal(&wanted) {
				t.Errorf("u_%d moves claim %d", i, j)
			}
		}
	}
}

// N6, N9, N11: geometry, in internal/layout: TestKeyLayout, TestC14_BlocksAreApart, TestArrange. Here: entries of columns
// that several blocks span, and gaps.
func TestN6KeyBlocksOverSeveralColumns(t *testing.T) {
	l := toyLab(t)
	w1 := l.net.Block("W1")
	if 1<<circuit.PaddedLog(l.net.C.Blocks[w1].Dims) <= 1<<l.kLay.HeightVars {
		t.Fatal("W1 lies in one column")
	}
	base := l.lay.At[w1] - l.lay.Rows[layout.SegP].First<<l.lay.L
	for c := range len(l.kLay.Slots) { // the first entry of each column
		at := c << l.kLay.HeightVars
		_, err := verify.NewKey(l.setup(l.withPrivate(at, half())))
		want(t, "1/2 in the key", err, verify.CodeKey)
		if at >= base && at < base+48 { // W1[3] is padding
			_, err = verify.NewKey(l.setup(l.withPrivate(at, fr.NewElement(7))))
			want(t, "7 in the key", err, "")
		}
	}
}

// N7: the key proof is not in the digest: two verifiers that accepted different proofs of one key share proofs.
func TestN7KeyProofIsNotInTheDigest(t *testing.T) {
	l := toyLab(t)
	coins := l.keyCoins
	l.keyCoins = coinsOf(l.kLay, 99)
	vk := l.setup(l.key)
	l.keyCoins = coins
	if slices.Equal(vk.KeyProof, l.vk.KeyProof) {
		t.Fatal("the same key proof")
	}
	k, err := verify.NewKey(vk)
	if err != nil {
		t.Fatal(err)
	}
	if k.Digest() != l.accepted.Digest() {
		t.Error("the digest depends on the key proof")
	}
	want(t, "a proof made for the other key proof", k.Verify(l.instances, l.proof.Bytes, verify.EVM), "")
}

// N8: constants wider than a table are digits, recombined by expressions.
func TestN8Digits(t *testing.T) {
	n, err := toynet.Example(5, func(r *circuit.Relation, operand func(dims ...int) int) {
		r.Letters, r.Out = []circuit.Axis{{Name: "i", Len: 3}}, []circuit.Letter{0}
		lo, hi := operand(3), operand(3)
		r.Sum = []circuit.Contraction{{A: circuit.Expr{Letters: []circuit.Letter{0}, Terms: []circuit.Term{
			{Coef: 1, Block: lo, Axes: []circuit.Letter{0}}, {Coef: 1 << 40, Block: hi, Axes: []circuit.Letter{0}}}}}}
	})
	newLab(t, n, err, 1)
}

// N10: a verifier needs the circuit, C_K and [tau]_2, nothing that grows with the network.
func TestN10KeySize(t *testing.T) {
	l := toyLab(t)
	most := len(l.net.C.Encode()) + 64*len(l.vk.Rows) + 128 + len(l.vk.KeyProof) + len(proof.MagicVK) + 1 + 4*4
	if n := len(l.vk.Encode()); n > most {
		t.Errorf("a key of %d bytes, more than its parts of %d", n, most)
	}
}
