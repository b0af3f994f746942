package ezkl

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/fuzz"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/tamper"
)

// files are the targets that go through the API: every file of the workflow that somebody else may have made.
func (f *fuzzer) files(ctx context.Context) ([]fuzz.File, error) {
	s := f.subject
	f.srs = &SRS{s: s.SRS}
	f.pk, f.vk = &ProvingKey{s.PK}, &VerifyingKey{s.PK.VK, s.Key}
	f.data = &Data{Name: DefaultData}
	f.witness = &Witness{Version: Version}
	for i, x := range s.Input {
		io := &s.Net.Inputs[i]
		ints := io.Integers(s.Values)
		f.witness.Inputs = append(f.witness.Inputs, ints)
		a := formats.Array{Name: io.Name}
		for j := range x.Len() {
			if x.Type.IsFloat() {
				a.Values = append(a.Values, formats.RealValue(x.Floats[j]))
			} else {
				a.Values = append(a.Values, formats.IntValue(x.Ints[j]))
			}
		}
		f.data.Arrays = append(f.data.Arrays, a)
	}
	f.witness.Outputs = f.circuit.outputs(s.Values)
	p := &Proof{Instances: s.Instances, Bytes: s.Proof, Version: Version, Transcript: formats.TranscriptEVM}
	if s.Kind == 1 {
		p.Transcript = formats.TranscriptPoseidon
	}
	text := func(a io.WriterTo) string {
		var b bytes.Buffer
		_, _ = a.WriteTo(&b)
		return b.String()
	}
	powers, err := srsFile(s.SRS)
	if err != nil {
		return nil, err
	}
	proofText, witnessText, dataText, compiled := text(p), text(f.witness), text(f.data), text(f.circuit)
	out := []fuzz.File{
		{Target: "proof", Name: DefaultProof, About: "a changed proof.json: other instances or bytes must be refused", Data: []byte(proofText),
			Structured: append(felts(proofText), words(proofText)...), Judge: f.judgeProof},
		{Target: "srs", Name: "kzg.srs", About: "a changed SRS in the place of the key's", Data: powers, Structured: f.otherPowers(powers), Judge: f.judgeSRS, Slow: true},
		{Target: "circuit", Name: DefaultCompiled, About: "another compiled circuit under the true keys", Data: []byte(compiled),
			Structured: f.otherCircuits(), Judge: f.judgeCircuit, Slow: true},
		{Target: "witness", Name: DefaultWitness, About: "a changed witness.json: outputs that are not those of its inputs", Data: []byte(witnessText),
			Structured: append(felts(witnessText), words(witnessText)...), Judge: f.judgeWitness},
		{Target: "input", Name: DefaultData, About: "a changed input.json: its public values under the true proof", Data: []byte(dataText),
			Structured: words(dataText), Judge: f.judgeData},
	}
	if f.onnx != nil {
		out = append(out, fuzz.File{Target: "model", Name: DefaultModel, About: "another network under the true keys", Data: f.onnx, Structured: f.otherModels(),
			Judge: f.judgeModel, Slow: true})
	}
	return out, ctx.Err()
}

// srsFile is an SRS as a file.
func srsFile(s *srs.SRS) ([]byte, error) {
	dir, err := os.MkdirTemp("", "ezkl-fuzz")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "kzg.srs")
	if err := s.Write(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func (f *fuzzer) judgeProof(_ context.Context, b []byte) (fuzz.Verdict, string) {
	p, err := ReadProof(DefaultProof, bytes.NewReader(b))
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	kind, err := transcriptKind(p.Transcript)
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	same := slices.Equal(p.Instances, f.subject.Instances) && bytes.Equal(p.Bytes, f.subject.Proof) && kind == f.subject.Kind
	err = Verify(f.vk, p, VerifyOptions{})
	switch {
	case same && err == nil:
		return fuzz.Legal, "the same instances and bytes"
	case same:
		return fuzz.Failed, "the same instances and bytes are refused: " + err.Error()
	case err == nil:
		return fuzz.Accepted, "verifies"
	}
	return fuzz.Rejected, err.Error()
}

func (f *fuzzer) judgeSRS(ctx context.Context, b []byte) (fuzz.Verdict, string) {
	k := f.circuit.LogRows()
	s, err := srs.ReadFrom(bytes.NewReader(b), int64(len(b)), needed(k))
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	if err := CheckKey(ctx, f.vk, f.circuit, &SRS{s: s}, f.witness); err != nil {
		return fuzz.Rejected, err.Error()
	}
	if !slices.Equal(s.G1, f.subject.SRS.G1[:needed(k)]) || !s.TauG2.Equal(&f.subject.SRS.TauG2) || !s.G2.Equal(&f.subject.SRS.G2) {
		return fuzz.Accepted, "other powers pass for the key's SRS"
	}
	return fuzz.Legal, "the powers that the circuit uses are the same"
}

// otherPowers are other SRS files: powers swapped, of another secret from some place on, and whole ones of another secret.
func (f *fuzzer) otherPowers(good []byte) []fuzz.Mutation {
	var out []fuzz.Mutation
	s := f.subject.SRS
	edit := func(operator, field string, change func(o *srs.SRS)) {
		out = append(out, fuzz.Mutation{Operator: operator, Field: field, Make: func() ([]byte, error) {
			o := *s
			o.G1 = slices.Clone(s.G1)
			change(&o)
			return srsFile(&o)
		}})
	}
	n := needed(f.circuit.LogRows())
	for _, i := range []int{0, 1, 2, n / 2, n - 1} {
		field := fmt.Sprintf("power %d", i)
		edit("negate", field, func(o *srs.SRS) { o.G1[i].Neg(&o.G1[i]) })
		edit("infinity", field, func(o *srs.SRS) { o.G1[i].SetInfinity() })
		edit("double", field, func(o *srs.SRS) { o.G1[i].Double(&o.G1[i]) })
		edit("swap", field, func(o *srs.SRS) { j := (i + 1) % n; o.G1[i], o.G1[j] = o.G1[j], o.G1[i] })
	}
	edit("negate", "all powers and tau", func(o *srs.SRS) {
		for i := range o.G1 {
			if i%2 == 1 {
				o.G1[i].Neg(&o.G1[i])
			}
		}
		o.TauG2.Neg(&o.TauG2)
	})
	edit("scale", "all powers", func(o *srs.SRS) {
		for i := range o.G1 {
			o.G1[i].Double(&o.G1[i])
		}
	})
	edit("drop", "all powers by one", func(o *srs.SRS) { o.G1 = append(o.G1[1:], o.G1[0]) })
	edit("reorder", "all powers", func(o *srs.SRS) { slices.Reverse(o.G1) })
	edit("duplicate", "all powers", func(o *srs.SRS) {
		for i := range o.G1 {
			o.G1[i] = o.G1[min(1, i)]
		}
	})
	edit("other secret", "all powers and tau", func(o *srs.SRS) { // 2 tau, in powers of their own
		two, factor := fr.NewElement(2), fr.One()
		for i := range o.G1 {
			o.G1[i].ScalarMultiplication(&o.G1[i], factor.BigInt(new(big.Int)))
			factor.Mul(&factor, &two)
		}
		o.TauG2.Double(&o.TauG2)
	})
	edit("generator", "tau", func(o *srs.SRS) { o.TauG2 = o.G2 })
	edit("negate", "tau", func(o *srs.SRS) { o.TauG2.Neg(&o.TauG2) })
	edit("negate", "both in G2", func(o *srs.SRS) { o.G2.Neg(&o.G2); o.TauG2.Neg(&o.TauG2) })
	edit("flip", "unsafe mark", func(o *srs.SRS) { o.Unsafe = false })
	out = append(out, fuzz.Mutation{Operator: "truncate", Field: "half", Make: func() ([]byte, error) { return good[:len(good)/2], nil }})
	return out
}

func (f *fuzzer) judgeCircuit(ctx context.Context, b []byte) (fuzz.Verdict, string) {
	c, err := ReadCircuit(DefaultCompiled, bytes.NewReader(b))
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	return f.judgeOther(ctx, c)
}

// judgeOther tries another circuit with the true keys: to pass for the key's circuit, and to prove with it.
func (f *fuzzer) judgeOther(ctx context.Context, c *Circuit) (fuzz.Verdict, string) {
	if o := c.of(f.subject.PK.VK); o != nil { // the key's arrangement of the same circuit
		c = o
	}
	same := c.circuit.Digest() == f.subject.PK.VK.Circuit.Digest()
	fixed, private := same, same
	for i := range c.file.Key {
		if same && !slices.Equal(c.file.Key[i], f.circuit.file.Key[i]) {
			if c.circuit.Blocks[i].Role == circuit.Fixed {
				fixed = false
			} else {
				private = false
			}
		}
	}
	if err := CheckKey(ctx, f.vk, c, f.srs, f.witness); err == nil && !fixed {
		return fuzz.Accepted, "the true key passes for a key of it"
	}
	w, err := GenWitness(ctx, c, f.data)
	if err != nil {
		return fuzz.Rejected, "no witness: " + err.Error()
	}
	if same && fixed && private {
		return fuzz.Legal, "the same circuit and constants"
	}
	p, err := Prove(ctx, c, f.pk, f.srs, w, ProveOptions{Transcript: f.o.Transcript, SkipCheck: true})
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	if err := Verify(f.vk, p, VerifyOptions{}); err == nil {
		return fuzz.Accepted, "a proof made from it, with other constants, verifies under the true key"
	}
	return fuzz.Rejected, "its proof is refused"
}

// otherCircuits are compiled circuits with other constants, and with other circuits.
func (f *fuzzer) otherCircuits() []fuzz.Mutation {
	var out []fuzz.Mutation
	encode := func(file formats.Compiled) ([]byte, error) {
		var b bytes.Buffer
		_, err := file.WriteTo(&b)
		return b.Bytes(), err
	}
	for i, v := range f.circuit.file.Key {
		if len(v) == 0 {
			continue
		}
		b := &f.circuit.circuit.Blocks[i]
		for what, x := range map[string]func(old int64) int64{
			"+1": func(old int64) int64 { return old + 1 }, "-1": func(old int64) int64 { return old - 1 }, "negate": func(old int64) int64 { return -old },
			"above the highest": func(int64) int64 { return b.Hi + 1 }, "below the lowest": func(int64) int64 { return b.Lo - 1 }} {
			out = append(out, fuzz.Mutation{Operator: what, Field: "constant " + b.Name, Make: func() ([]byte, error) {
				file := *f.circuit.file
				file.Key = slices.Clone(file.Key)
				file.Key[i] = slices.Clone(v)
				at := len(v) / 2
				file.Key[i][at] = x(v[at])
				return encode(file)
			}})
		}
		out = append(out, fuzz.Mutation{Operator: "truncate", Field: "constant " + b.Name, Make: func() ([]byte, error) {
			file := *f.circuit.file
			file.Key = slices.Clone(file.Key)
			file.Key[i] = v[:len(v)-1]
			return encode(file)
		}})
	}
	for _, e := range tamper.Circuits(f.circuit.circuit) {
		out = append(out, fuzz.Mutation{Operator: e.Operator, Field: e.Field, Make: func() ([]byte, error) {
			file := *f.circuit.file
			file.Circuit = e.Make().Encode()
			return encode(file)
		}})
	}
	for k, list := range [][]formats.IO{f.circuit.file.Inputs, f.circuit.file.Outputs} {
		for i := range list {
			change := func(operator string, edit func(x *formats.IO)) {
				out = append(out, fuzz.Mutation{Operator: operator, Field: fmt.Sprintf("%s %s", [...]string{"input", "output"}[k], list[i].Name), Make: func() ([]byte, error) {
					file := *f.circuit.file
					l := slices.Clone(list)
					l[i].Parts = slices.Clone(l[i].Parts)
					edit(&l[i])
					if k == 0 {
						file.Inputs = l
					} else {
						file.Outputs = l
					}
					return encode(file)
				}})
			}
			change("scale+1", func(x *formats.IO) { x.Scale++ })
			change("widen", func(x *formats.IO) { x.Hi = 1 << 61 })
			change("other block", func(x *formats.IO) { x.Parts[0].Block = (x.Parts[0].Block + 1) % len(f.circuit.circuit.Blocks) })
			change("no such block", func(x *formats.IO) { x.Parts[0].Block = len(f.circuit.circuit.Blocks) })
			change("coefficient", func(x *formats.IO) { x.Parts[0].Coef *= 3 })
			change("drop", func(x *formats.IO) { x.Parts = nil })
		}
	}
	slices.SortStableFunc(out, func(a, b fuzz.Mutation) int { return strings.Compare(a.Field+a.Operator, b.Field+b.Operator) })
	return out
}

// otherModels are networks with other nodes and constants.
func (f *fuzzer) otherModels() []fuzz.Mutation {
	var out []fuzz.Mutation
	for _, m := range tamper.Model(f.onnx) {
		out = append(out, fuzz.Mutation{Operator: m.Operator, Field: m.Field, Make: func() ([]byte, error) { return m.Make(), nil }})
	}
	return out
}

func (f *fuzzer) judgeModel(ctx context.Context, b []byte) (fuzz.Verdict, string) {
	if bytes.Equal(b, f.onnx) {
		return fuzz.Legal, "unchanged"
	}
	m, err := ReadModel(DefaultModel, bytes.NewReader(b), ModelOptions{Variables: f.variables})
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	if _, err := Compile(ctx, m, f.circuit.settings, CompileOptions{}); err == nil {
		return fuzz.Accepted, "it compiles with the settings of the other network"
	}
	settings := *f.circuit.settings
	own := *settings.EzklGo
	own.ModelSHA256 = m.Digest()
	settings.EzklGo = &own
	c, err := Compile(ctx, m, &settings, CompileOptions{})
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	return f.judgeOther(ctx, c)
}

func (f *fuzzer) judgeWitness(ctx context.Context, b []byte) (fuzz.Verdict, string) {
	w, err := ReadWitness(DefaultWitness, bytes.NewReader(b))
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	if _, err := Mock(ctx, f.circuit, w); err != nil {
		return fuzz.Rejected, err.Error()
	}
	equal := func(a, b [][]int64) bool { return slices.EqualFunc(a, b, slices.Equal[[]int64]) }
	if equal(w.Inputs, f.witness.Inputs) {
		if !equal(w.Outputs, f.witness.Outputs) {
			return fuzz.Accepted, "mock passes other outputs for the same inputs"
		}
		return fuzz.Legal, "the same inputs and outputs"
	}
	values, err := f.circuit.solve(ctx, w.Inputs)
	if err != nil || !equal(f.circuit.outputs(values), w.Outputs) {
		return fuzz.Accepted, "mock passes outputs that are not those of the inputs"
	}
	return fuzz.Legal, "a witness of another input"
}

func (f *fuzzer) judgeData(ctx context.Context, b []byte) (fuzz.Verdict, string) {
	d, err := ReadData(DefaultData, bytes.NewReader(b))
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	w, err := GenWitness(ctx, f.circuit, d)
	if err != nil {
		return fuzz.Rejected, err.Error()
	}
	values, err := f.circuit.replay(ctx, w)
	if err != nil {
		return fuzz.Failed, err.Error()
	}
	inst := f.circuit.instances(values)
	if slices.Equal(inst, f.subject.Instances) {
		later := append(fixedBlocks(f.circuit.file.Inputs), fixedBlocks(f.circuit.file.Outputs)...)
		if !slices.ContainsFunc(later, func(i int) bool { return !slices.Equal(values[i], f.subject.Values[i]) }) {
			return fuzz.Legal, "the same public and fixed values"
		}
		if CheckKey(ctx, f.vk, f.circuit, f.srs, w) == nil {
			return fuzz.Accepted, "the true key passes for one of its fixed values"
		}
		return fuzz.Rejected, "other fixed values than the key's"
	}
	if f.subject.Key.Verify(inst, f.subject.Proof, f.subject.Kind) == nil {
		return fuzz.Accepted, "the true proof verifies for its public values"
	}
	return fuzz.Legal, "another input"
}

// felts changes the field elements in a JSON text, which are 64 hexadecimal digits, little-endian: p more, out of range, one
// more, another order of bytes.
func felts(text string) []fuzz.Mutation {
	var out []fuzz.Mutation
	for at := 0; at+66 < len(text); at++ {
		if text[at] != '"' || text[at+65] != '"' {
			continue
		}
		raw, err := hex.DecodeString(text[at+1 : at+65])
		if err != nil {
			continue
		}
		slices.Reverse(raw)
		x := new(big.Int).SetBytes(raw)
		with := func(operator string, y *big.Int) {
			if y.Sign() < 0 || y.BitLen() > 256 {
				return
			}
			b := y.FillBytes(make([]byte, 32))
			slices.Reverse(b)
			replaced := text[:at+1] + hex.EncodeToString(b) + text[at+65:]
			out = append(out, fuzz.Mutation{Operator: operator, Field: fmt.Sprint("element at ", at), Make: func() ([]byte, error) { return []byte(replaced), nil }})
		}
		p, one := fr.Modulus(), big.NewInt(1)
		with("+p", new(big.Int).Add(x, p))
		with("+2p", new(big.Int).Add(x, new(big.Int).Lsh(p, 1)))
		with("+1", new(big.Int).Add(x, one))
		with("-1", new(big.Int).Sub(x, one))
		with("=p", p)
		with("=p-1", new(big.Int).Sub(p, one))
		with("=2^64", new(big.Int).Lsh(one, 64))
		with("=2^256-1", new(big.Int).Sub(new(big.Int).Lsh(one, 256), one))
		with("zero", new(big.Int))
		at += 65
		if len(out) > 4000 {
			break
		}
	}
	return out
}

// words changes the values and the structure of a JSON text.
func words(text string) []fuzz.Mutation {
	var out []fuzz.Mutation
	add := func(operator, field, b string) {
		out = append(out, fuzz.Mutation{Operator: operator, Field: field, Make: func() ([]byte, error) { return []byte(b), nil }})
	}
	list := strings.Index(text, "[[")
	if list >= 0 {
		rest := text[list+2:]
		end := strings.IndexAny(rest, ",]")
		for _, v := range []string{"NaN", "Infinity", "-Infinity", "1e309", "-1e309", "1e-400", "-0.0", "9223372036854775808", "-9223372036854775808", "1e18", "true", "null",
			`"x"`, "{}", "[]", "[0]", `"` + strings.Repeat("f", 64) + `"`, `"` + strings.Repeat("0", 64) + `"`, "0x10", "1_000", "+1", "01", ".5", "5."} {
			add("value "+v, "first value", text[:list+2]+v+rest[end:])
		}
		add("drop", "first value", text[:list+2]+strings.TrimPrefix(rest[end:], ","))
		add("duplicate", "first value", text[:list+2]+rest[:end]+","+rest)
		add("drop", "first list", text[:list+1]+"]"+text[list+1:])
		add("duplicate", "first list", strings.Replace(text, "[[", "[[],[", 1))
		add("nest", "lists", strings.Replace(text, "[[", strings.Repeat("[", 100000), 1))
	}
	for _, key := range []string{"instances", "proof", "hex_proof", "inputs", "outputs", "input_data", "version", "transcript_type"} {
		q := `"` + key + `"`
		if strings.Contains(text, q) {
			add("rename", key, strings.Replace(text, q, `"`+key+`x"`, 1))
			add("duplicate", key, strings.Replace(text, "{", "{"+q+":null,", 1))
		}
	}
	add("other version", "version", strings.Replace(text, "{", `{"version":"0.0.1",`, 1))
	add("other transcript", "transcript_type", strings.Replace(text, "{", `{"transcript_type":"Poseidon",`, 1))
	add("unknown transcript", "transcript_type", strings.Replace(text, "{", `{"transcript_type":"blake",`, 1))
	add("extend", "file", text+"{}")
	add("empty", "file", "")
	add("byte order mark", "file", "\ufeff"+text)
	return out
}
