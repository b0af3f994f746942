package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// plantedBug is a bug of a known class (the classes are those of zero-knowledge audits: C in circuits, P in protocols), and the
// small network of internal/fuzz that has the gadget.
type plantedBug struct{ id, class, name, network string }

// planted are two bugs of each class.
var planted = []plantedBug{
	{"C1a", "C1", "a sorting step forgets the entry that it moves down", "topk"},
	{"C1b", "C1", "the sorted tensor is in no relation", "topk"},
	{"C2a", "C2", "0 counts as negative", "greater"},
	{"C2b", "C2", "the sign is any bit", "greater"},
	{"C3a", "C3", "a remainder is not held below its divisor", "divide"},
	{"C3b", "C3", "a quotient is in no range", "divide"},
	{"C4a", "C4", "a remainder may be the divisor: two neighbours", "divide"},
	{"C4b", "C4", "remainders of a shift have a bit too many", "linear"},
	{"C6a", "C6", "public inputs are in no range", "unused"},
	{"C6b", "C6", "private inputs have a wider range than they say", "linear"},
	{"C7a", "C7", "of equal entries the last counts", "argmax"},
	{"C7b", "C7", "keys have no positions: of equal entries any counts", "keys"},
	{"C8a", "C8", "the output of a table is a hint", "sigmoid"},
	{"C8b", "C8", "the output of relu is in no relation", "linear"},
	{"C10a", "C10", "too few digits for what calibration saw", "linear"},
	{"C10b", "C10", "a table ends half way", "sigmoid"},
	{"C14a", "C14", "blocks of a column lie on each other", "linear"},
	{"C14b", "C14", "tables lie on each other", "linear"},
	{"C17a", "C17", "the first instances are not absorbed", "unused"},
	{"C17b", "C17", "the instances of unused inputs are not absorbed, nor any other", "unused"},
	{"P1a", "P1", "the instances are not absorbed", "linear"},
	{"P1b", "P1", "the key's digest is not absorbed", "relu"},
	{"P7a", "P7", "ids of tables are all 1", "linear"},
	{"P7b", "P7", "the sum of the helpers is not checked", "linear"},
}

const (
	lowerArgmax  = "internal/lower/argmax.go"
	lowerBuilder = "internal/lower/builder.go"
	lowerDivide  = "internal/lower/divide.go"
	lowerIO      = "internal/lower/io.go"
	lowerRelu    = "internal/lower/relu.go"
	lowerShift   = "internal/lower/requantise.go"
	lowerTable   = "internal/lower/table.go"
	vectors      = "internal/prover/vector.go"
	sumchecks    = "internal/prover/reference/sumchecks.go"
)

// seeds are the edits: ON[id] is true unless the bug is planted.
var seeds = []change{
	{lowerArgmax, "v = minus(plus(v, b.viewAxis(r, p.Axis, gain)), b.viewAxis(r, p.Axis, loss))",
		"if ON[C1a] {\n\t\t\tv = minus(plus(v, b.viewAxis(r, p.Axis, gain)), b.viewAxis(r, p.Axis, loss))\n\t\t} else {\n\t\t\tv = plus(v, b.viewAxis(r, p.Axis, gain))\n\t\t}"},
	{lowerBuilder, "\tb.relate(name, []circuit.Term{term}, 1, v)\n\tout := v.clone()",
		"\tif (ON[C1b] || part != \"sorted\") && (ON[C8b] || part != \"relu\") {\n\t\tb.relate(name, []circuit.Term{term}, 1, v)\n\t}\n\tout := v.clone()"},
	{lowerBuilder, "\t\tif t >= 0 {\n\t\t\treturn 1", "\t\tif t > 0 || t == 0 && ON[C2a] {\n\t\t\treturn 1"},
	{lowerRelu, "b.lookups[d.top] = circuit.Lookup{In: top, Out: d.bit, Table: b.signTable()}",
		"if ON[C2b] {\n\t\t\tb.lookups[d.top] = circuit.Lookup{In: top, Out: d.bit, Table: b.signTable()}\n\t\t} else {\n\t\t\tb.lookup(d.bit, circuit.None, b.bit())\n\t\t}"},
	{lowerDivide, "\tb.relate(b.nameOf(name+\" remainder\"), append(append([]circuit.Term{}, r...), g...), 1, e.plusInteger(-1))\n",
		"\tif ON[C3a] {\n\t\tslack := e.plusInteger(-1)\n\t\tif !ON[C4a] {\n\t\t\tslack = e\n\t\t}\n\t\tb.relate(b.nameOf(name+\" remainder\"), append(append([]circuit.Term{}, r...), g...), 1, slack)\n\t}\n"},
	{lowerDivide, "\t\te := b.block(b.nameOf(name+\" digit\"), like.atoms, circuit.Column)\n\t\td.blocks = append(d.blocks, e)\n\t\td.top = b.lookup(e, circuit.None, table)",
		"\t\trole := circuit.Free\n\t\tif ON[C3b] {\n\t\t\trole = circuit.Column\n\t\t}\n\t\te := b.block(b.nameOf(name+\" digit\"), like.atoms, role)\n\t\td.blocks = append(d.blocks, e)\n\t\tif ON[C3b] {\n\t\t\td.top = b.lookup(e, circuit.None, table)\n\t\t}"},
	{lowerShift, "\t\tb.lookup(d, circuit.None, b.lowTable())\n",
		"\t\tif ON[C4b] {\n\t\t\tb.lookup(d, circuit.None, b.lowTable())\n\t\t} else {\n\t\t\tb.lookup(d, circuit.None, b.table(\"wide\", b.c.Tables[b.lowTable()].Lo, 2<<w, nil))\n\t\t}\n"},
	{keyFile, "\t\tif !ok {\n", "\t\tif !ok && ON[C6a] {\n"},
	{lowerIO, "\t\t\td.top = b.lookup(e, circuit.None, table())\n",
		"\t\t\tat := table()\n\t\t\tif !ON[C6b] && j == n-1 {\n\t\t\t\tat = b.table(\"wide\", -(2 << w), 4<<w, nil)\n\t\t\t}\n\t\t\td.top = b.lookup(e, circuit.None, at)\n"},
	{lowerArgmax, "\tif !last {\n\t\tp = p.times(-1)", "\tif last != ON[C7a] {\n\t\tp = p.times(-1)"},
	{lowerArgmax, "\tif last {\n\t\treturn low\n\t}\n", "\tif last == ON[C7a] {\n\t\treturn low\n\t}\n"},
	{lowerArgmax, "\tif last {\n\t\tties = ", "\tif last == ON[C7a] {\n\t\tties = "},
	{lowerArgmax, "\treturn plus(a[0], a[1]), k", "\tif !ON[C7b] {\n\t\treturn a[0], k\n\t}\n\treturn plus(a[0], a[1]), k"},
	{lowerTable, "b.lookups[at] = circuit.Lookup{In: b.lookups[at].In, Out: y, Table: table}",
		"if ON[C8a] {\n\t\tb.lookups[at] = circuit.Lookup{In: b.lookups[at].In, Out: y, Table: table}\n\t} else {\n\t\tb.lookup(y, circuit.None, b.unsigned())\n\t}"},
	{lowerShift, "\treturn max(1, (b.bitsAfter(v, s)+w-1)/w)", "\tif !ON[C10a] {\n\t\treturn max(1, (b.bitsAfter(v, s)-4)/w)\n\t}\n\treturn max(1, (b.bitsAfter(v, s)+w-1)/w)"},
	{lowerTable, "\tlo, size = within(u, lo, size, unit, limit)\n", "\tlo, size = within(u, lo, size, unit, limit)\n\tif !ON[C10b] {\n\t\tsize /= 2\n\t}\n"},
	{geometry, "\t\tplace(it.id, at)\n\t\tat += it.size\n", "\t\tplace(it.id, at)\n\t\tat += it.size\n\t\tif !ON[C14a] {\n\t\t\tat -= it.size / 2\n\t\t}\n"},
	{geometry, "\t\tl.TableAt[t] = at\n\t\tat += l.Tables[t].Size\n", "\t\tl.TableAt[t] = at\n\t\tif ON[C14b] {\n\t\t\tat += l.Tables[t].Size\n\t\t}\n"},
	{verifier, "\tt.Scalars(\"instances\", s.flat)\n", absorbed("s.flat")},
	{prove, "\tt.Scalars(\"instances\", flat)\n", absorbed("flat")},
	{twin, "\tt.Scalars(\"instances\", flat)\n", absorbed("flat")},
	{verifier, "\tt.Digest(\"key\", s.digest)\n", "\tif ON[P1b] {\n\t\tt.Digest(\"key\", s.digest)\n\t}\n"},
	{prove, "\tt.Digest(\"key\", s.digest)\n", "\tif ON[P1b] {\n\t\tt.Digest(\"key\", s.digest)\n\t}\n"},
	{twin, "\tt.Digest(\"key\", digest)\n", "\tif ON[P1b] {\n\t\tt.Digest(\"key\", digest)\n\t}\n"},
	{tables, "number := fr.NewElement(uint64(i + 1))", "number := fr.NewElement(uint64(i + 1))\n\t\tif !ON[P7a] {\n\t\t\tnumber.SetOne()\n\t\t}"},
	{tables, "id := fr.NewElement(uint64(t.Table + 1))", "id := fr.NewElement(uint64(t.Table + 1))\n\t\tif !ON[P7a] {\n\t\t\tid.SetOne()\n\t\t}"},
	{twinFn, "out[a&(1<<lay.HeightVars-1)] = integer(int64(t.Table + 1))", "out[a&(1<<lay.HeightVars-1)] = integer(int64(t.Table + 1))\n\t\t\t\tif !ON[P7a] {\n\t\t\t\t\tout[a&(1<<lay.HeightVars-1)] = integer(1)\n\t\t\t\t}"},
	{twinFn, "id[lay.TableAt[i]+x] = integer(int64(i + 1))", "id[lay.TableAt[i]+x] = integer(int64(i + 1))\n\t\t\tif !ON[P7a] {\n\t\t\t\tid[lay.TableAt[i]+x] = integer(1)\n\t\t\t}"},
	{vectors, "\t\t\tt.id[at+x] = int32(i + 1)\n", "\t\t\tt.id[at+x] = int32(i + 1)\n\t\t\tif !ON[P7a] {\n\t\t\t\tt.id[at+x] = 1\n\t\t\t}\n"},
	{vectors, "\t\treturn in, out, int32(t.Table + 1)\n", "\t\tif !ON[P7a] {\n\t\t\treturn in, out, 1\n\t\t}\n\t\treturn in, out, int32(t.Table + 1)\n"},
	{combine, "\tw := field.Powers(gamma, n+2)\n", "\tw := field.Powers(gamma, n+2)\n\tif !ON[P7b] {\n\t\tw[n+1].SetZero()\n\t}\n"},
	{sumchecks, "\tsumWeight := pow(r.ch.Gamma, relations+len(lay.Groups)+1)\n", "\tsumWeight := pow(r.ch.Gamma, relations+len(lay.Groups)+1)\n\tif !ON[P7b] {\n\t\tsumWeight.SetZero()\n\t}\n"},
}

// absorbed are the instances as the transcript sees them: all, all but two, or none.
func absorbed(name string) string {
	return "\tif ON[C17b] && ON[P1a] {\n\t\tseen := " + name + "\n\t\tif !ON[C17a] {\n\t\t\tseen = seen[min(2, len(seen)):]\n\t\t}\n\t\tt.Scalars(\"instances\", seen)\n\t}\n"
}

// findPlanted builds internal/fuzz with all bugs behind gates, plants one at a time, and lists what finds each: the compiler's
// certificate, which refuses the circuit (and which `ezkl audit` shows), or a campaign of `ezkl fuzz`.
func findPlanted(run string) error {
	want, err := start(run)
	if err != nil {
		return err
	}
	texts := map[string]string{gatePath: gateText}
	for _, c := range seeds {
		if _, ok := texts[c.file]; !ok {
			b, err := os.ReadFile(c.file)
			if err != nil {
				return err
			}
			texts[c.file] = string(b)
		}
		if strings.Count(texts[c.file], c.old) != 1 {
			return fmt.Errorf("%s does not have this text exactly once: %q", c.file, c.old)
		}
		texts[c.file] = strings.Replace(texts[c.file], c.old, c.new, 1)
	}
	for file, text := range texts {
		if file == gatePath {
			continue
		}
		for k, p := range planted {
			text = strings.ReplaceAll(text, "ON["+p.id+"]", fmt.Sprintf("gate.On(%d)", k))
		}
		texts[file] = withGate(text)
	}
	test, err := os.ReadFile("tools/mutants/testdata/planted.go.txt")
	if err != nil {
		return err
	}
	texts["internal/fuzz/zz_planted_test.go"] = string(test)
	dir, err := os.MkdirTemp("", "planted")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ov, err := writeOverlay(dir, texts)
	if err != nil {
		return err
	}
	binary := filepath.Join(dir, "fuzz.test")
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-tags", "planted", "-overlay", ov, "-o", binary, "./internal/fuzz").CombinedOutput(); err != nil {
		return fmt.Errorf("the planted build fails: %s", out)
	}
	var list []string
	for k, p := range planted {
		if want.MatchString(p.id + " " + p.name) {
			list = append(list, strconv.Itoa(k)+":"+p.network)
		}
	}
	missed := 0
	if err := runAll(binary, "TestPlanted", list, func(k int, what string) error {
		switch what {
		case "":
			what = "NOT FOUND"
			missed++
		case "the process ends":
			what = "fuzz: " + what
		}
		fmt.Printf("%-4s %-62s %s\n", planted[k].class, planted[k].name, what)
		return nil
	}); err != nil {
		return err
	}
	if missed > 0 {
		return errSurvived
	}
	return nil
}
