package verify_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/tamper"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// TestP3_Manifest: the manifest is what the prover sends, it covers every byte, and every message that the verifier reads is
// in it. A new message without an entry fails here; with one, it is altered by TestP12_AlteredProof.
func TestP3_Manifest(t *testing.T) {
	l := toyLab(t)
	for _, p := range []struct {
		lay *layout.Layout
		b   []byte
	}{{l.lay, l.proof.Bytes}, {l.kLay, l.vk.KeyProof}} {
		total := 0
		for _, m := range tamper.Manifest(p.lay) {
			total += m.Size()
		}
		if total != len(p.b) {
			t.Errorf("the manifest has %d bytes, the proof %d", total, len(p.b))
		}
	}
	var sent []tamper.Message
	for _, m := range l.proof.Messages {
		sent = append(sent, tamper.Message{Label: m.Label, Points: m.Points, Count: len(m.Values)})
	}
	if !slices.Equal(sent, tamper.Manifest(l.lay)) {
		t.Errorf("the prover sends %v, the manifest has %v", sent, tamper.Manifest(l.lay))
	}
	labels := map[string]bool{}
	for _, m := range tamper.Manifest(l.lay) {
		labels[m.Label] = true
	}
	for _, label := range labelsRead(t) {
		if !labels[label] {
			t.Errorf("the verifier reads %q, which the manifest lacks", label)
		}
	}
}

// labelsRead are the labels in the verifier's source of all messages that it reads.
func labelsRead(t *testing.T) []string {
	var out []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, "../internal/pcs/pcs.go", "../internal/sumcheck/sumcheck.go") {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, _ := sel.X.(*ast.Ident)
			if x == nil || !(x.Name == "r" && (sel.Sel.Name == "Scalars" || sel.Sel.Name == "Points") || x.Name == "sumcheck" && sel.Sel.Name == "Verify") {
				return true
			}
			for _, a := range call.Args[:2] {
				if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, _ := strconv.Unquote(lit.Value)
					out = append(out, s)
				}
			}
			return true
		})
	}
	if len(out) < 11 {
		t.Fatalf("found only %q in the verifier's source", out)
	}
	return out
}

// splice replaces bytes.
func splice(b []byte, at int, with []byte) []byte { return tamper.Splice(b, at, with) }

// code is what a mutant of a proof is refused with: the algebra refuses what is encoded canonically.
func codeOf(m *tamper.Mutant) verify.Code {
	if m.Canonical {
		return verify.CodeOpening
	}
	return verify.CodeEncoding
}

// tryAll checks mutants: each is refused with its code, unless it changes nothing.
func tryAll(t *testing.T, b []byte, list []tamper.Mutant, codeOf func(m *tamper.Mutant) verify.Code, check func(b []byte) error) {
	t.Helper()
	tried := 0
	for _, m := range list {
		c := m.Make()
		if slices.Equal(c, b) {
			continue
		}
		tried++
		want(t, m.String(), check(c), codeOf(&m))
	}
	t.Logf("%d altered proofs", tried)
}

func TestP12_AlteredProof(t *testing.T) {
	l := toyLab(t)
	tryAll(t, l.proof.Bytes, tamper.Proof(l.lay, l.proof.Bytes), codeOf, l.verify)
}

// TestRefusedPointIsNamed: a point off the curve is refused where it is read, before any challenge is drawn.
func TestRefusedPointIsNamed(t *testing.T) {
	l := toyLab(t)
	b := slices.Clone(l.proof.Bytes)
	b[proof.PointBytes-1] ^= 1
	if err := l.verify(b); err == nil || !strings.Contains(err.Error(), "C_W[0]") {
		t.Errorf("the first point is off the curve: %v", err)
	}
}

func TestAlteredKeyProof(t *testing.T) {
	l := toyLab(t)
	key := func(*tamper.Mutant) verify.Code { return verify.CodeKey }
	tryAll(t, l.vk.KeyProof, tamper.Proof(l.kLay, l.vk.KeyProof), key, func(b []byte) error {
		_, err := verify.NewKey(l.withKey(func(vk *proof.VerifyingKey) { vk.KeyProof = b }))
		return err
	})
}

// TestAlteredPoseidonProof: the same with the other transcript, on every tenth change.
func TestAlteredPoseidonProof(t *testing.T) {
	l := toyLab(t)
	l.p.Kind = verify.Poseidon
	b := l.prove(l.values).Bytes
	want(t, "a Poseidon proof", l.accepted.Verify(l.instances, b, verify.Poseidon), "")
	want(t, "a Poseidon proof as EVM", l.accepted.Verify(l.instances, b, verify.EVM), verify.CodeOpening)
	want(t, "an EVM proof as Poseidon", l.accepted.Verify(l.instances, l.proof.Bytes, verify.Poseidon), verify.CodeOpening)
	var some []tamper.Mutant
	for i, a := range tamper.Proof(l.lay, b) {
		if i%10 == 0 {
			some = append(some, a)
		}
	}
	tryAll(t, b, some, codeOf, func(b []byte) error { return l.accepted.Verify(l.instances, b, verify.Poseidon) })
}

func TestC6_AlteredInstances(t *testing.T) {
	l := toyLab(t)
	bounds := [][2]int64{}
	for i := range l.net.C.Blocks {
		if b := &l.net.C.Blocks[i]; b.Role == 0 {
			for range l.values[i] {
				bounds = append(bounds, [2]int64{b.Lo, b.Hi})
			}
		}
	}
	one := fr.One()
	for i := range l.instances {
		try := func(what string, x fr.Element, code verify.Code) {
			t.Helper()
			inst := slices.Clone(l.instances)
			if inst[i] = x; x.Equal(&l.instances[i]) {
				return
			}
			want(t, fmt.Sprintf("instance %d %s", i, what), l.accepted.Verify(inst, l.proof.Bytes, verify.EVM), code)
		}
		var plus, minus, lo, hi, below, above, negated fr.Element
		inside := func(x fr.Element) verify.Code {
			for v := bounds[i][0]; v <= bounds[i][1]; v++ {
				var e fr.Element
				if e.SetInt64(v); e.Equal(&x) {
					return verify.CodeOpening
				}
			}
			return verify.CodeInstance
		}
		plus.Add(&l.instances[i], &one)
		minus.Sub(&l.instances[i], &one)
		lo.SetInt64(bounds[i][0])
		hi.SetInt64(bounds[i][1])
		below.Sub(&lo, &one)
		above.Add(&hi, &one)
		negated.Neg(&l.instances[i])
		try("+1", plus, inside(plus))
		try("-1", minus, inside(minus))
		try("negated", negated, inside(negated))
		try("lowest", lo, verify.CodeOpening)
		try("highest", hi, verify.CodeOpening)
		try("below the lowest", below, verify.CodeInstance)
		try("above the highest", above, verify.CodeInstance)
		try("1/2", half(), verify.CodeInstance)
		for _, bits := range []uint{62, 63, 64, 65, 128, 192, 253} { // +- 2^k keeps the low limbs of e or of -e
			var power, e fr.Element
			power.SetBigInt(new(big.Int).Lsh(big.NewInt(1), bits))
			e.Add(&l.instances[i], &power)
			try(fmt.Sprintf("+2^%d", bits), e, verify.CodeInstance)
			e.Sub(&l.instances[i], &power)
			try(fmt.Sprintf("-2^%d", bits), e, verify.CodeInstance)
		}
		swapped := slices.Clone(l.instances)
		j := (i + 1) % len(swapped)
		if swapped[i], swapped[j] = swapped[j], swapped[i]; !swapped[i].Equal(&swapped[j]) {
			if err := l.accepted.Verify(swapped, l.proof.Bytes, verify.EVM); err == nil {
				t.Errorf("instances %d and %d swapped: accepted", i, j)
			}
		}
	}
	want(t, "one instance less", l.accepted.Verify(l.instances[1:], l.proof.Bytes, verify.EVM), verify.CodeInstance)
	want(t, "one instance more", l.accepted.Verify(append(slices.Clone(l.instances), one), l.proof.Bytes, verify.EVM), verify.CodeInstance)
	want(t, "no instances", l.accepted.Verify(nil, l.proof.Bytes, verify.EVM), verify.CodeInstance)
}

// badGroups is a circuit whose groups leave out a slot.
func badGroups(c *circuit.Circuit) *circuit.Circuit {
	d := *c
	d.Groups = [][]int{{0}}
	return &d
}

// TestM3_P6_P9_OtherKeys: rows of C_K, tau, the mark, and another model's key or circuit.
func TestM3_P6_P9_OtherKeys(t *testing.T) {
	l := toyLab(t)
	for i := range l.vk.Rows {
		for what, edit := range map[string]func(vk *proof.VerifyingKey){
			"negated":  func(vk *proof.VerifyingKey) { vk.Rows[i].Neg(&vk.Rows[i]) },
			"infinity": func(vk *proof.VerifyingKey) { vk.Rows[i].SetInfinity() },
			"swapped": func(vk *proof.VerifyingKey) {
				j := (i + 1) % len(vk.Rows)
				vk.Rows[i], vk.Rows[j] = vk.Rows[j], vk.Rows[i]
			},
		} {
			vk := l.withKey(edit)
			_, err := verify.NewKey(vk)
			want(t, fmt.Sprintf("key with row %d %s", i, what), err, verify.CodeKey)
			want(t, fmt.Sprintf("proof under a key with row %d %s", i, what), verify.Unchecked(vk).Verify(l.instances, l.proof.Bytes, verify.EVM), verify.CodeOpening)
		}
	}
	for what, edit := range map[string]func(vk *proof.VerifyingKey){
		"a row less":                     func(vk *proof.VerifyingKey) { vk.Rows = vk.Rows[1:] },
		"a row more":                     func(vk *proof.VerifyingKey) { vk.Rows = append(vk.Rows, vk.Rows[0]) },
		"another tau":                    func(vk *proof.VerifyingKey) { vk.Tau.Neg(&vk.Tau) },
		"another mark":                   func(vk *proof.VerifyingKey) { vk.Unsafe = !vk.Unsafe },
		"no key proof":                   func(vk *proof.VerifyingKey) { vk.KeyProof = nil },
		"an ordinary proof as key proof": func(vk *proof.VerifyingKey) { vk.KeyProof = l.proof.Bytes },
		"another row length":             func(vk *proof.VerifyingKey) { vk.Circuit = l.net.Rows(10).C },
		"other groups":                   func(vk *proof.VerifyingKey) { vk.Circuit = l.net.Grouped(1).C },
	} {
		_, err := verify.NewKey(l.withKey(edit))
		want(t, "key with "+what, err, verify.CodeKey)
	}
	for what, edit := range map[string]func(vk *proof.VerifyingKey){
		"another tau":  func(vk *proof.VerifyingKey) { vk.Tau.Neg(&vk.Tau) },
		"another mark": func(vk *proof.VerifyingKey) { vk.Unsafe = !vk.Unsafe },
	} {
		want(t, "proof under a key with "+what, verify.Unchecked(l.withKey(edit)).Verify(l.instances, l.proof.Bytes, verify.EVM), verify.CodeOpening)
	}
	want(t, "key proof as proof", l.verify(l.vk.KeyProof), verify.CodeEncoding)

	n, err := toynet.New(2, layout.Arrange) // the same circuit, other weights
	other := newLab(t, n, err, 7)
	want(t, "proof under another model's key", other.accepted.Verify(l.instances, l.proof.Bytes, verify.EVM), verify.CodeOpening)
	want(t, "proof of another model", l.accepted.Verify(other.instances, other.proof.Bytes, verify.EVM), verify.CodeOpening)
	_, err = verify.NewKey(l.withKey(func(vk *proof.VerifyingKey) { vk.KeyProof = other.vk.KeyProof }))
	want(t, "key proof of another key", err, verify.CodeKey)

	public, err := l.net.WithoutPrivate()
	plain := newLab(t, public, err, 1)
	_, err = verify.NewKey(plain.withKey(func(vk *proof.VerifyingKey) { vk.KeyProof = l.vk.KeyProof }))
	want(t, "a key proof without private constants", err, verify.CodeKey)
	// no key proof hides a wrong number of rows there
	for what, edit := range map[string]func(vk *proof.VerifyingKey){
		"a row less":  func(vk *proof.VerifyingKey) { vk.Rows = vk.Rows[1:] },
		"a row more":  func(vk *proof.VerifyingKey) { vk.Rows = append(vk.Rows, vk.Rows[0]) },
		"no rows":     func(vk *proof.VerifyingKey) { vk.Rows = nil },
		"short rows":  func(vk *proof.VerifyingKey) { vk.Circuit = plain.net.Rows(circuit.MinLogRow - 1).C },
		"other slots": func(vk *proof.VerifyingKey) { vk.Circuit = badGroups(plain.net.C) },
	} {
		_, err := verify.NewKey(plain.withKey(edit))
		want(t, "a public key with "+what, err, verify.CodeKey)
	}
	for what, edit := range map[string]func(vk *proof.VerifyingKey){
		"no rows": func(vk *proof.VerifyingKey) { vk.Rows = nil },
		"key tables of 2^36 rows": func(vk *proof.VerifyingKey) {
			c := *l.net.C
			c.KeyTables = slices.Clone(c.KeyTables)
			for len(c.KeyTables) < circuit.MaxTables {
				c.KeyTables = append(c.KeyTables, circuit.Table{Size: circuit.MaxTableSize, Out: circuit.None})
			}
			vk.Circuit = &c
		},
		"short rows":  func(vk *proof.VerifyingKey) { vk.Circuit = l.net.Rows(circuit.MinLogRow - 1).C },
		"other slots": func(vk *proof.VerifyingKey) { vk.Circuit = badGroups(l.net.C) },
	} {
		_, err := verify.NewKey(l.withKey(edit))
		want(t, "a key with "+what, err, verify.CodeKey)
		if strings.HasPrefix(what, "key tables") && !strings.Contains(err.Error(), "too large") {
			t.Errorf("a key with %s: %v", what, err)
		}
	}
	renamed := *l.net.C // a circuit that differs in a name only
	renamed.Relations = slices.Clone(renamed.Relations)
	renamed.Relations[0].Name += "2"
	vk := l.withKey(func(vk *proof.VerifyingKey) { vk.Circuit = &renamed })
	want(t, "proof under another circuit", verify.Unchecked(vk).Verify(l.instances, l.proof.Bytes, verify.EVM), verify.CodeOpening)
}
