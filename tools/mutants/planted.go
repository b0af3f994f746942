package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// plantedBug is a bug of a known class (the classes are those of zero-knowledge audits: C in circuits, P in protocols), and the
// small network of internal/fuzz that has the gadget.
type plantedBug struct {
	class, name, network string
	changes              []change
}

const (
	lowerArgmax  = "internal/lower/argmax.go"
	lowerBuilder = "internal/lower/builder.go"
	lowerDivide  = "internal/lower/divide.go"
	lowerIO      = "internal/lower/io.go"
	lowerRelu    = "internal/lower/relu.go"
	lowerShift   = "internal/lower/requantise.go"
	lowerTable   = "internal/lower/table.go"
)

// planted are two bugs of each class.
var planted = []plantedBug{
	{"C1", "a sorting step forgets the entry that it moves down", "topk", []change{
		{lowerArgmax, "v = minus(plus(v, b.viewAxis(r, p.Axis, gain)), b.viewAxis(r, p.Axis, loss))", "v = plus(v, b.viewAxis(r, p.Axis, gain))"}}},
	{"C1", "the sorted tensor is in no relation", "topk", []change{
		{lowerBuilder, "\tb.relate(name, []circuit.Term{term}, 1, v)\n\tout := v.clone()", "\tif part != \"sorted\" {\n\t\tb.relate(name, []circuit.Term{term}, 1, v)\n\t}\n\tout := v.clone()"}}},
	{"C2", "0 counts as negative", "greater", []change{{lowerBuilder, "\t\tif t >= 0 {\n\t\t\treturn 1", "\t\tif t > 0 {\n\t\t\treturn 1"}}},
	{"C2", "the sign is any bit", "greater", []change{
		{lowerRelu, "b.lookups[d.top] = circuit.Lookup{In: top, Out: d.bit, Table: b.signTable()}", "b.lookup(d.bit, circuit.None, b.bit())"}}},
	{"C3", "a remainder is not held below its divisor", "divide", []change{
		{lowerDivide, "\tb.relate(b.nameOf(name+\" remainder\"), append(append([]circuit.Term{}, r...), g...), 1, e.plusInteger(-1))\n", "\t_ = g\n"}}},
	{"C3", "a quotient is in no range", "divide", []change{
		{lowerDivide, "\t\te := b.block(b.nameOf(name+\" digit\"), like.atoms, circuit.Column)\n\t\td.blocks = append(d.blocks, e)\n\t\td.top = b.lookup(e, circuit.None, table)", "\t\te := b.block(b.nameOf(name+\" digit\"), like.atoms, circuit.Free)\n\t\td.blocks = append(d.blocks, e)\n\t\t_ = table"}}},
	{"C4", "a remainder may be the divisor: two neighbours", "divide", []change{
		{lowerDivide, "append(append([]circuit.Term{}, r...), g...), 1, e.plusInteger(-1))", "append(append([]circuit.Term{}, r...), g...), 1, e)"}}},
	{"C4", "remainders of a shift have a bit too many", "linear", []change{
		{lowerShift, "\t\tb.lookup(d, circuit.None, b.unsigned())\n\t\tout = append(out, blockTerm(1<<(w*i), d, len(dims)))", "\t\tb.lookup(d, circuit.None, b.table(\"wide\", 0, 2<<w, nil))\n\t\tout = append(out, blockTerm(1<<(w*i), d, len(dims)))"}}},
	{"C6", "public inputs are in no range", "unused", []change{{keyFile, "\t\tif !ok {\n", "\t\tif !ok && len(flat) > 1<<30 {\n"}}},
	{"C6", "private inputs have a wider range than they say", "relu", []change{
		{lowerIO, "table, part = b.signed(), \" top digit\"", "table, part = b.table(\"wide\", -(2<<w), 4<<w, nil), \" top digit\""}}},
	{"C7", "of equal entries the last counts", "argmax", []change{{lowerArgmax, "\tif !last {\n\t\tp = p.times(-1)", "\tif last {\n\t\tp = p.times(-1)"},
		{lowerArgmax, "\tif last {\n\t\treturn low\n\t}\n", "\tif !last {\n\t\treturn low\n\t}\n"}}},
	{"C7", "of equal entries any counts: keys have no positions", "argmax", []change{{lowerArgmax, "\treturn plus(a[0], a[1]), k", "\treturn a[0], k"}}},
	{"C8", "the output of a table is a hint", "sigmoid", []change{
		{lowerTable, "b.lookups[at] = circuit.Lookup{In: b.lookups[at].In, Out: y, Table: table}", "b.lookup(y, circuit.None, b.unsigned())"}}},
	{"C8", "the output of relu is a hint", "relu", []change{
		{lowerRelu, "b.lookups[d.top] = circuit.Lookup{In: d.blocks[0], Out: d.relu, Table: b.reluTable()}", "b.lookup(d.relu, circuit.None, b.unsigned())"}}},
	{"C10", "too few digits for what calibration saw", "linear", []change{
		{lowerShift, "return max(1, (b.bitsAfter(v, s)+w-1)/w)", "return max(1, (b.bitsAfter(v, s)-4)/w)"}}},
	{"C10", "a table begins a quarter too late", "sigmoid", []change{{lowerTable, "\tlo, size = within(u, lo, size, unit, limit)\n", "\tlo, size = within(u, lo, size, unit, limit)\n\tlo, size = lo+int64(size)/4, size/2\n"}}},
	{"C14", "blocks of a column lie on each other", "linear", []change{{geometry, "\t\tplace(it.id, at)\n\t\tat += it.size\n", "\t\tplace(it.id, at)\n\t\tat += it.size / 2\n"}}},
	{"C14", "tables lie on each other", "linear", []change{{geometry, "\t\tl.TableAt[t] = at\n\t\tat += l.Tables[t].Size\n", "\t\tl.TableAt[t] = at\n\t\tat += l.Tables[t].Size / 2\n"}}},
	{"C17", "the first instances are not absorbed", "unused", []change{
		{verifier, "\tt.Scalars(\"instances\", s.flat)\n", "\tt.Scalars(\"instances\", s.flat[min(2, len(s.flat)):])\n"},
		{prove, "\tt.Scalars(\"instances\", flat)\n", "\tt.Scalars(\"instances\", flat[min(2, len(flat)):])\n"},
		{twin, "\tt.Scalars(\"instances\", flat)\n", "\tt.Scalars(\"instances\", flat[min(2, len(flat)):])\n"}}},
	{"C17", "no instance is absorbed", "unused", []change{
		{verifier, "\tt.Scalars(\"instances\", s.flat)\n", ""}, {prove, "\tt.Scalars(\"instances\", flat)\n", "\t_ = flat\n"}, {twin, "\tt.Scalars(\"instances\", flat)\n", "\t_ = flat\n"}}},
	{"P1", "the instances are not absorbed", "linear", []change{
		{verifier, "\tt.Scalars(\"instances\", s.flat)\n", ""}, {prove, "\tt.Scalars(\"instances\", flat)\n", "\t_ = flat\n"}, {twin, "\tt.Scalars(\"instances\", flat)\n", "\t_ = flat\n"}}},
	{"P1", "the key's digest is not absorbed", "relu", []change{
		{verifier, "\tt.Digest(\"key\", s.digest)\n", ""}, {prove, "\tt.Digest(\"key\", s.digest)\n", ""}, {twin, "\tt.Digest(\"key\", digest)\n", "\t_ = digest\n"}}},
	{"P7", "ids of tables are all 1", "linear", []change{
		{tables, "number := fr.NewElement(uint64(i + 1))", "number := fr.NewElement(1)"},
		{tables, "id := fr.NewElement(uint64(t.Table + 1))", "id := fr.NewElement(1)"},
		{twinFn, "out[a&(1<<lay.HeightVars-1)] = integer(int64(t.Table + 1))", "out[a&(1<<lay.HeightVars-1)] = integer(1)"},
		{twinFn, "id[lay.TableAt[i]+x] = integer(int64(i + 1))", "id[lay.TableAt[i]+x] = integer(1)"},
		{"internal/prover/vector.go", "\t\t\tt.id[at+x] = int32(i + 1)", "\t\t\tt.id[at+x] = 1"},
		{"internal/prover/vector.go", "\t\treturn in, out, int32(t.Table + 1)", "\t\treturn in, out, 1"}}},
	{"P7", "the sum of the helpers is not checked", "linear", []change{
		{combine, "\ts.Mul(sum, h)\n\tfull.Add(&full, &s)\n\treturn full", "\ts.Mul(sum, h)\n\treturn full"},
		{combine, "\ts.Mul(&w.Sum, h)\n\tt.Sub(&t, &s)\n\treturn t", "\ts.Mul(&w.Sum, h)\n\treturn t"},
		{"internal/prover/reference/sumchecks.go", "return add(mul(weight, mul(public[0], sub(mul(h, all), others))), mul(sumWeight, h))", "return add(mul(weight, mul(public[0], sub(mul(h, all), others))), mul(fr.Element{}, sumWeight))"},
		{"internal/prover/reference/sumchecks.go", "return sub(mul(weight, mul(public[0], zero)), mul(sumWeight, claimed[0]))", "return add(mul(weight, mul(public[0], zero)), mul(fr.Element{}, sumWeight))"}}},
}

var (
	byCertificate = regexp.MustCompile(`certificate: .*`)
	byFuzz        = regexp.MustCompile(`fuzz: .*`)
)

// findPlanted plants the bugs one at a time and lists what finds each: the compiler's certificate, which refuses the circuit,
// or a campaign of `ezkl fuzz`. (`ezkl audit` shows the same certificate.)
func findPlanted(run string) error {
	want, err := start(run)
	if err != nil {
		return err
	}
	missed := 0
	for _, p := range planted {
		if !want.MatchString(p.class + " " + p.name) {
			continue
		}
		start := time.Now()
		found, err := p.find()
		if err != nil {
			return err
		}
		if found == "" {
			missed++
			found = "NOT FOUND"
		}
		fmt.Printf("%-4s %-55s %3.0fs  %s\n", p.class, p.name, time.Since(start).Seconds(), found)
	}
	if missed > 0 {
		return errSurvived
	}
	return nil
}

func (p *plantedBug) find() (string, error) {
	dir, err := os.MkdirTemp("", "planted")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	texts := map[string]string{}
	for _, c := range p.changes {
		if _, ok := texts[c.file]; !ok {
			b, err := os.ReadFile(c.file)
			if err != nil {
				return "", err
			}
			texts[c.file] = string(b)
		}
		if strings.Count(texts[c.file], c.old) != 1 {
			return "", fmt.Errorf("%q: %s does not have this text exactly once: %q", p.name, c.file, c.old)
		}
		texts[c.file] = strings.Replace(texts[c.file], c.old, c.new, 1)
	}
	ov, err := writeOverlay(dir, texts)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "fuzz.test")
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-tags", "planted", "-overlay", ov, "-o", binary, "./internal/fuzz").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%q does not build: %s", p.name, out)
	}
	cmd := exec.Command(binary, "-test.run", "^TestNetworks$/^"+p.network+"$", "-test.timeout", "5m")
	cmd.Dir = "internal/fuzz"
	cmd.Env = append(os.Environ(), "EZKL_FIRST=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return "", nil
	}
	for _, r := range []*regexp.Regexp{byCertificate, byFuzz} {
		if line := r.FindString(string(out)); line != "" {
			if len(line) > 170 {
				line = line[:170]
			}
			return line, nil
		}
	}
	return "the process ends: " + firstLine(string(out)), nil
}
