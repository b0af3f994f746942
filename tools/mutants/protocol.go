package main

import (
	"fmt"
	"os"
	"strings"
)

// change replaces text that occurs exactly once in a file.
type change struct{ file, old, new string }

// listedMutant is a mutation by hand.
type listedMutant struct {
	name    string
	changes []change
	tests   []string
}

const (
	verifier  = "verify/verify.go"
	keyFile   = "verify/key.go"
	stream    = "internal/proof/stream.go"
	keys      = "internal/proof/key.go"
	opening   = "internal/pcs/pcs.go"
	masks     = "internal/claims/mask.go"
	allClaims = "internal/claims/claims.go"
	combine   = "internal/claims/combine.go"
	relation  = "internal/claims/relation.go"
	functions = "internal/claims/functional.go"
	tables    = "internal/layout/tables.go"
	geometry  = "internal/layout/layout.go"
	shape     = "internal/layout/shape.go"
	prove     = "internal/prover/prove.go"
	twin      = "internal/prover/reference/reference.go"
	twinFn    = "internal/prover/reference/functional.go"
	axes      = "internal/circuit/axis.go"
)

var (
	inVerify = []string{"./verify"}
	onProof  = []string{"./internal/proof", "./verify"}
	onLayout = []string{"./internal/layout", "./internal/prover/reference", "./verify"}
	onClaims = []string{"./internal/claims", "./internal/prover/reference", "./verify"}
)

// protocol are the weaknesses. Those that prover, twin and verifier share leave honest proofs valid.
var protocol = []listedMutant{
	// transcript: a value that is not absorbed
	{"the digest is not absorbed", []change{
		{verifier, "\tt.Digest(\"key\", s.digest)\n", ""},
		{prove, "\tt.Digest(\"key\", s.digest)\n", ""},
		{twin, "\tt.Digest(\"key\", digest)\n", "\t_ = digest\n"},
	}, inVerify},
	{"the instances are not absorbed", []change{
		{verifier, "\tt.Scalars(\"instances\", s.flat)\n", ""},
		{prove, "\tt.Scalars(\"instances\", flat)\n", "\t_ = flat\n"},
		{twin, "\tt.Scalars(\"instances\", flat)\n", "\t_ = flat\n"},
	}, inVerify},
	unabsorbed("S"), unabsorbed("round1"), unabsorbed("claims"), unabsorbed("G2"), unabsorbed("round2"), unabsorbed("values"),
	unabsorbed("C_W"), unabsorbed("C_H"), unabsorbed("C_S"), unabsorbed("W"),
	{"one domain for proofs and key proofs", []change{{masks, "DomainKey   = \"key\"", "DomainKey   = \"proof\""}}, inVerify},
	{"the digest leaves out the circuit", []change{{keys, "\th.Write(d[:])\n", "\t_ = d\n"}}, onProof},
	{"the digest leaves out the rows", []change{{keys, "\tvar b []byte\n\tfor i := range k.Rows {\n\t\tb = AppendPoint(b, &k.Rows[i])\n\t}\n\ttau := k.Tau.RawBytes()\n\tb = append(b, tau[:]...)", "\tvar b []byte\n\ttau := k.Tau.RawBytes()\n\tb = append(b, tau[:]...)"}}, onProof},
	{"the digest leaves out tau", []change{{keys, "\ttau := k.Tau.RawBytes()\n\tb = append(b, tau[:]...)\n", ""}}, onProof},
	{"the digest leaves out the mark", []change{{keys, "\tb = append(b, mark(k.Unsafe))\n", ""}}, onProof},
	{"the digest holds the key proof", []change{{keys, "\tb = append(b, mark(k.Unsafe))\n", "\tb = append(append(b, mark(k.Unsafe)), k.KeyProof...)\n"}}, onProof},

	// encodings
	{"scalars are reduced", []change{{stream, "if out[i], err = field.Decode(r.rest[:fr.Bytes]); err != nil {", "if out[i].SetBytes(r.rest[:fr.Bytes]); err != nil || field.ErrNotCanonical == nil {"}}, onProof},
	{"x is reduced", []change{{stream, "p.X.SetBytesCanonical(b[:32]) != nil ||", "p.X.SetBytes(b[:32]) == nil ||"}}, onProof},
	{"y is reduced", []change{{stream, "p.Y.SetBytesCanonical(b[32:]) != nil", "p.Y.SetBytes(b[32:]) == nil"}}, onProof},

	// key
	{"the key proof speaks of the first rows", []change{{keyFile, "vk.Rows[lay.Rows[layout.SegF].Count:]", "vk.Rows[:lay.Rows[layout.SegP].Count]"}}, inVerify},
	{"the key proof is a Poseidon one", []change{{keyFile, "s.verify(vk.KeyProof, EVM)", "s.verify(vk.KeyProof, Poseidon)"}}, inVerify},
	{"a row's segments are swapped", []change{{keyFile, "s.rows[layout.SegF], s.rows[layout.SegP] = k.vk.Rows[:f], k.vk.Rows[f:]", "s.rows[layout.SegP], s.rows[layout.SegF] = k.vk.Rows[:f], k.vk.Rows[f:]"}}, inVerify},

	// lookups
	{"`in` of a dynamic table has no bounds (N1)", []change{
		{tables, "lt, axis := poly.Lt(dims[a], x), poly.IndexLt(dims[a], x)", "lt, axis := poly.Lt(dims[a], x), poly.IndexLt(1<<len(x), x)\n\t\t\twhole := poly.Lt(1<<len(x), x)"},
		{tables, "axis.Mul(&axis, &shift).Mul(&axis, &inside)\n\t\t\tindex.Mul(&index, &lt)", "axis.Mul(&axis, &shift)\n\t\t\tindex.Mul(&index, &whole)"},
		{twinFn, "\t\tif t.Out != circuit.None { // whole:", "\t\tif t.Dynamic {\n\t\t\tfor x := range t.Size {\n\t\t\t\tin[lay.TableAt[i]+x] = integer(int64(x))\n\t\t\t}\n\t\t}\n\t\tif t.Out != circuit.None { // whole:"},
	}, inVerify},
	{"tags have no bounds", []change{
		{tables, "term.Mul(&term, &inside).Mul(&term, &id)\n\t\ttotal", "term.Mul(&term, &id)\n\t\t_ = inside\n\t\ttotal"},
		{twinFn, "\t\tlayout.Inside(t.Dims, func(x int) {\n\t\t\tif a := t.Address + x;", "\t\tlayout.Inside([]int{1 << circuit.PaddedLog(t.Dims)}, func(x int) {\n\t\t\tif a := t.Address + x;"},
	}, inVerify},
	{"ids are all 1", []change{
		{tables, "number := fr.NewElement(uint64(i + 1))", "number := fr.NewElement(1)"},
		{tables, "id := fr.NewElement(uint64(t.Table + 1))", "id := fr.NewElement(1)"},
		{twinFn, "out[a&(1<<lay.HeightVars-1)] = integer(int64(t.Table + 1))", "out[a&(1<<lay.HeightVars-1)] = integer(1)"},
		{twinFn, "id[lay.TableAt[i]+x] = integer(int64(i + 1))", "id[lay.TableAt[i]+x] = integer(1)"},
	}, inVerify},
	{"a table lies on the padding row", []change{{geometry, "\tat := 1\n\tfor _, t := range order {\n\t\tat = roundUp(at", "\tat := 0\n\tfor _, t := range order {\n\t\tat = roundUp(at"}}, onLayout},
	{"the sum of the helpers is not checked", []change{
		{combine, "\ts.Mul(sum, h)\n\tfull.Add(&full, &s)\n\treturn full", "\ts.Mul(sum, h)\n\treturn full"},
		{combine, "\ts.Mul(&w.Sum, h)\n\tt.Sub(&t, &s)\n\treturn t", "\ts.Mul(&w.Sum, h)\n\treturn t"},
		{"internal/prover/reference/sumchecks.go", "return add(mul(weight, mul(public[0], sub(mul(h, all), others))), mul(sumWeight, h))", "return add(mul(weight, mul(public[0], sub(mul(h, all), others))), mul(fr.Element{}, sumWeight))"},
		{"internal/prover/reference/sumchecks.go", "return sub(mul(weight, mul(public[0], zero)), mul(sumWeight, claimed[0]))", "return add(mul(weight, mul(public[0], zero)), mul(fr.Element{}, sumWeight))"},
	}, inVerify},
	{"the zero check of the helpers is summed without eq", []change{
		{combine, "full.Mul(&full, h).Sub(&full, &cross).Mul(&full, eq).Mul(&full, gamma)", "full.Mul(&full, h).Sub(&full, &cross).Mul(&full, gamma)"},
		{"internal/prover/reference/sumchecks.go", "add(mul(weight, mul(public[0], sub(mul(h, all), others)))", "add(mul(weight, sub(mul(h, all), others))"},
	}, inVerify},
	{"the zero check of the table is summed without eq", []change{
		{combine, "t.Sub(&ch.Alpha, &fp).Mul(&t, h).Sub(&t, m).Mul(&t, eq).Mul(&t, &w.Table)", "t.Sub(&ch.Alpha, &fp).Mul(&t, h).Sub(&t, m).Mul(&t, &w.Table)"},
		{"internal/prover/reference/sumchecks.go", "sub(mul(weight, mul(public[0], zero))", "sub(mul(weight, zero)"},
	}, inVerify},

	// relations
	{"a wrong sign of a linear contraction's public part", []change{{relation, "\t\t\t\tone := t.Dense()\n\t\t\t\tknown.Add(&known, &one[0])", "\t\t\t\tone := t.Dense()\n\t\t\t\tknown.Sub(&known, &one[0])"}}, onClaims},
	{"a broadcast term is 1 in the padding", []change{{relation, "\t\t\t\tlt := poly.Lt(rel.Letters[l].Len, p[l])\n\t\t\t\tcoef.Mul(&coef, &lt)", "\t\t\t\tlt := poly.Lt(1<<len(p[l]), p[l])\n\t\t\t\tcoef.Mul(&coef, &lt)"}}, onClaims},
	{"a lone output letter has no bound", []change{{relation, "\t\t\tlt := poly.Lt(rel.Letters[l].Len, p[l])\n\t\t\tw.Mul(&w, &lt)", "\t\t\tlt := poly.Lt(1<<len(p[l]), p[l])\n\t\t\tw.Mul(&w, &lt)"}}, onClaims},
	{"a summed letter counts 2^k", []change{{relation, "scale(fr.NewElement(uint64(rel.Letters[l].Len)))", "scale(fr.NewElement(uint64(1 << circuit.Log2Ceil(rel.Letters[l].Len))))"}}, onClaims},
	{"one power of gamma for all relations", []change{{combine, "\treturn Weights{w[:relations]", "\tfor i := range w[:relations] {\n\t\tw[i] = w[0]\n\t}\n\treturn Weights{w[:relations]"}}, onClaims},
	{"the last round's weight of short relations is missing", []change{{combine, "\tdone := poly.Prod1(ch.R[rel.Vars(k.Inner):lay.InnerVars])\n\tv.Mul(&v, &done)\n\treturn v", "\treturn v"}}, onClaims},
	{"the weight of the rounds after the index is missing", []change{{combine, ".Mul(&total, &b).Mul(&total, &done)", ".Mul(&total, &b)"}}, onClaims},

	// masks: without them proofs still verify, and leak
	{"a claim has no mask", []change{
		{allClaims, "u := Term{Coef: rz, Offset: lay.Mask + lay.MaskAt[i]}", "u := Term{Coef: rz, Offset: lay.Mask + lay.MaskAt[0]}"},
		{twinFn, "*u[len(out)] = rz", "*u[0] = rz"},
		{"internal/prover/reference/sumchecks.go", "mul(z, u[i])", "mul(z, u[0])"},
	}, inVerify},
	{"index rounds of degree 2", []change{{shape, "raise(l.InnerVars+j, 3)", "raise(l.InnerVars+j, 2)"}}, onLayout},
	{"the cover block of segment W has one entry less", []change{{"internal/layout/cover.go", "CoverW    = 2", "CoverW    = 1"}}, inVerify},
	{"the cover block of segment H has one entry less", []change{
		{"internal/prover/reference/reference.go", "copy(r.V[r.lay.CoverH:], r.coins.CoverH)", "copy(r.V[r.lay.CoverH:], r.coins.CoverH[1:])"},
	}, inVerify},
	{"g2 has no coefficient of its last variable", []change{
		{"internal/prover/reference/reference.go", "copy(r.V[lay.G2At():], r.coins.G2)", "copy(r.V[lay.G2At():], r.coins.G2[:len(r.coins.G2)-2])"},
	}, inVerify},

	// opening
	{"the mask g2 is not checked", []change{
		{opening, "left.Add(&left, &second).Sub(&left, &o.Claim).Sub(&left, &o.Claim) // 2 claim", "left.Sub(&left, &o.Claim).Sub(&left, &o.Claim)"},
		{twin, "}{{a, poly, eqTable(u)}, {mu, n, e}} {", "}{{a, poly, eqTable(u)}} {"},
	}, inVerify},
	{"the value is not checked", []change{
		{opening, "left.Mul(&left, &o.A)", "left.SetZero()"},
		{twin, "}{{a, poly, eqTable(u)}, {mu, n, e}} {", "}{{mu, n, e}} {"},
	}, inVerify},
	{"the pairing check is skipped", []change{{opening, "\tif !ok {\n\t\treturn ErrPairing\n\t}\n", "\t_ = ok\n"}}, inVerify},
	{"the last point is not in the sum", []change{{opening, "*rest.Neg(&rest), minus, ch.W)", "*rest.Neg(&rest), minus, fr.Element{})"}}, inVerify},

	// instances
	{"an instance may be below its interval", []change{{keyFile, "small && b.Lo <= v && v", "small && v"}}, inVerify},
	{"an instance may be above its interval", []change{{keyFile, "b.Lo <= v && v <= b.Hi", "b.Lo <= v"}}, inVerify},
	{"an instance may be no small integer", []change{{keyFile, "ok = ok && small && b", "ok = ok && (small || true) && b"}}, inVerify},
	{"only the last instance of a tensor is checked", []change{{keyFile, "ok = ok && small", "ok = small"}}, inVerify},

	// axis relations
	{"a window reads beyond its axis", []change{{axes, "x := i*stride + u*dilation - pad; 0 <= x && x < length(2)", "x := i*stride + u*dilation - pad; 0 <= x && x < 1<<Log2Ceil(length(2))"}}, []string{"./internal/test/toynet", "./internal/prover/reference"}},
	{"a slice reads beyond its axis", []change{{axes, "x := start + i*step; 0 <= x && x < length(1)", "x := start + i*step; 0 <= x && x < 1<<Log2Ceil(length(1))"}}, []string{"./internal/test/toynet", "./internal/prover/reference"}},
	{"a flipped slice starts at 1", []change{{axes, "x := start + i*step; 0 <= x", "x := start + i*step; 0 < x"}}, []string{"./internal/test/toynet", "./internal/prover/reference"}},
	{"a gather of nothing reads entry 0", []change{{axes, "\t\t\tif x >= 0 {\n\t\t\t\tat[0], at[1] = i, int(x)", "\t\t\tif x = max(x, 0); x >= 0 {\n\t\t\t\tat[0], at[1] = i, int(x)"}}, []string{"./internal/test/toynet", "./internal/prover/reference"}},
}

// unabsorbed leaves a message out of the transcript, at both ends.
func unabsorbed(label string) listedMutant {
	kind := "Scalars"
	if strings.HasPrefix(label, "C_") || label == "W" {
		kind = "Points"
	}
	read, written := "out", "xs"
	if kind == "Points" {
		written = "ps"
	}
	skip := func(old string) string { return fmt.Sprintf("if label != %q {\n\t\t%s\n\t}", label, old) }
	a, b := fmt.Sprintf("r.T.%s(label, %s)", kind, read), fmt.Sprintf("w.T.%s(label, %s)", kind, written)
	return listedMutant{label + " is not absorbed", []change{{stream, a, skip(a)}, {stream, b, skip(b)}}, inVerify}
}

// listed turns the list into edits. A text that does not occur exactly once is an error: the list must follow the code.
func listed() ([]*mutant, error) {
	var out []*mutant
	for _, l := range protocol {
		m := &mutant{name: l.name, tests: l.tests}
		texts := map[string]string{}
		for _, c := range l.changes {
			if _, ok := texts[c.file]; !ok {
				b, err := os.ReadFile(c.file)
				if err != nil {
					return nil, err
				}
				texts[c.file] = string(b)
			}
			at := strings.Index(texts[c.file], c.old)
			if at < 0 || strings.Contains(texts[c.file][at+1:], c.old) {
				return nil, fmt.Errorf("%q: %s does not have this text exactly once: %q", l.name, c.file, c.old)
			}
			texts[c.file] = texts[c.file][:at] + c.new + texts[c.file][at+len(c.old):] // as mutant.test will see it
			m.edits = append(m.edits, edit{c.file, at, at + len(c.old), c.new})
		}
		out = append(out, m)
	}
	return out, nil
}
