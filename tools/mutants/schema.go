package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// A schema is one build that holds all guard mutants at once: every guard is wrapped in a gate of its own, which a test opens
// at run time (Untch, Offutt, Harrold: mutant schemata, 1993). It exists in an overlay only; the repository's verifier has no
// such switch, and no other binary has.
const (
	gatePath = "internal/gate/gate.go"
	gateText = `// Package gate removes one check of the verifier at a time; it exists in builds of tools/mutants only.
package gate

var off = -1

// Off removes check k; -1 removes none.
func Off(k int) { off = k }

// On reports whether check k is there.
func On(k int) bool { return k != off }
`
	checkPath = "zz_selfcheck_test.go" // the test that the schema adds to the root package
)

// wrap gates the guards of one file. The numbers of the mutants are those in all.
func wrap(src string, numbers []int, all []mutant) string {
	type insertion struct {
		at    int
		text  string
		order int
	}
	var list []insertion
	for _, k := range numbers {
		e := all[k].edits[0]
		prefix := fmt.Sprintf("(gate.On(%d) && (", k)
		if strings.HasSuffix(all[k].name, "-> true") {
			prefix = fmt.Sprintf("(!gate.On(%d) || (", k)
		}
		size := e.to - e.from
		// at one place: closing brackets first, the inner ones before the outer; then opening ones, the outer before the inner
		list = append(list, insertion{e.from, prefix, 1<<30 - size}, insertion{e.to, "))", -1<<30 + size})
	}
	sort.SliceStable(list, func(i, j int) bool {
		if list[i].at != list[j].at {
			return list[i].at < list[j].at
		}
		return list[i].order < list[j].order
	})
	var b strings.Builder
	last := 0
	for _, x := range list {
		b.WriteString(src[last:x.at])
		b.WriteString(x.text)
		last = x.at
	}
	b.WriteString(src[last:])
	return withGate(b.String())
}

// exempt are guards that no changed file can tell from their absence. `make mutants` has a test for each; here the reason.
var exempt = []struct{ file, function, text, reason string }{
	{"internal/pcs/pcs.go", "", "ch.Z.Equal(&zInv)", "a hash would have to give an exceptional challenge (probability below 2^-240)"},
	{"internal/pcs/pcs.go", "", "ch.Alpha.Equal(", "as above"},
	{"internal/pcs/pcs.go", "", "weight.IsZero()", "as above"},
	{"internal/proof/key.go", "decodePK", "", "the prover's own file"},
	{"internal/proof/key.go", "DecodeProvingKey", "", "the prover's own file"},
	{"internal/proof/key.go", "notKey", "", "the text of an error"},
	{"internal/proof/key.go", "Foreign", "", "the text of an error"},
	{"internal/proof/key.go", "decodeVK", "enc, b, err := cutBytes", "no circuit is left then, and its decoder refuses that"},
	{"internal/proof/stream.go", "DecodePoint", "len(b) != PointBytes", "every caller cuts that length"},
	{"verify/verify.go", "check", "r.Points(\"C_H\"", "the reader stays in the middle of the message, and the algebra refuses the rest"},
	{"verify/key.go", "NewKey", "layout.ForKey(vk.Circuit)", "a key layout that is too large has no key proof"},
}

// isExempt looks a guard up: by its function and by text in it or on the line before.
func isExempt(m *mutant) bool {
	src, err := os.ReadFile(m.edits[0].file)
	if err != nil {
		return false
	}
	before := string(src[:m.edits[0].from])
	function := before[strings.LastIndex(before, "\nfunc ")+1:]
	function = regexp.MustCompile(`func (\([^)]*\) )?(\w+)`).FindStringSubmatch(function)[2]
	lines := strings.Split(before, "\n")
	near := strings.Join(lines[max(0, len(lines)-2):], "\n") + string(src[m.edits[0].from:m.edits[0].to])
	for _, x := range exempt {
		if x.file == m.edits[0].file && (x.function == "" || x.function == function) && strings.Contains(near, x.text) {
			return true
		}
	}
	return false
}

// Outcome is one line of the self-check's test.
type outcome struct {
	Check int    `json:"check"`
	Found string `json:"found"` // "" if no campaign noticed
}

// selfCheck builds the schema, runs the campaigns of `ezkl fuzz` against it with one check removed each, and writes the figure.
func selfCheck(run, write string, verbose bool) error {
	want, err := start(run)
	if err != nil {
		return err
	}
	all, err := guards()
	if err != nil {
		return err
	}
	// the certificate is the compiler's: fuzz -planted and the package's own tests answer for it
	all = slices.DeleteFunc(all, func(m mutant) bool { return strings.HasPrefix(m.edits[0].file, "internal/determinism/") })
	dir, err := os.MkdirTemp("", "selfcheck")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	byFile := map[string][]int{}
	for k := range all {
		byFile[all[k].edits[0].file] = append(byFile[all[k].edits[0].file], k)
	}
	texts := map[string]string{gatePath: gateText}
	for file, numbers := range byFile {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		texts[file] = wrap(string(src), numbers, all)
	}
	test, err := os.ReadFile("tools/mutants/testdata/selfcheck.go.txt")
	if err != nil {
		return err
	}
	texts[checkPath] = string(test)
	ov, err := writeOverlay(dir, texts)
	if err != nil {
		return err
	}
	binary := filepath.Join(dir, "selfcheck.test")
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", ov, "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("the schema does not build: %s", out)
	}
	var numbers []string
	left := 0
	for k := range all {
		switch {
		case isExempt(&all[k]):
			left++
		case want.MatchString(all[k].name):
			numbers = append(numbers, strconv.Itoa(k))
		}
	}
	start := time.Now()
	found := map[int]string{}
	tell := func(k int) {
		if found[k] == "" || verbose {
			fmt.Printf("%-9s %5.0fs  %s  %s\n", map[bool]string{true: "NOT FOUND", false: "found"}[found[k] == ""], time.Since(start).Seconds(), all[k].name, found[k])
		}
	}
	for rest := numbers; len(rest) > 0; { // a check whose removal ends the process is found; go on behind it
		seen, err := runChecks(binary, "TestSelfCheck", rest, found, tell)
		if err != nil {
			return err
		}
		if seen < len(rest) {
			k, _ := strconv.Atoi(rest[seen])
			found[k] = "the process ends"
			tell(k)
			seen++
		}
		rest = rest[seen:]
	}
	hits := 0
	for _, what := range found {
		if what != "" {
			hits++
		}
	}
	fmt.Printf("self-check: %d of %d removed checks found in %.0f s; %d more no file can show\n", hits, len(numbers), time.Since(start).Seconds(), left)
	if write != "" {
		b, err := json.MarshalIndent(map[string]any{"checks": len(numbers), "found": hits, "exempt": left, "seconds": int(time.Since(start).Seconds())}, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(write, append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	if hits < len(numbers) {
		return errSurvived
	}
	return nil
}

// runChecks runs a test over some checks and returns how many it came through.
func runChecks(binary, test string, list []string, found map[int]string, visit func(k int)) (int, error) {
	cmd := exec.Command(binary, "-test.run", "^"+test+"$", "-test.timeout", "0")
	cmd.Env = append(os.Environ(), "EZKL_GATES="+strings.Join(list, ","))
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	seen := 0
	scan := bufio.NewScanner(out)
	scan.Buffer(nil, 1<<20)
	ready := false
	for scan.Scan() {
		line, ok := strings.CutPrefix(scan.Text(), "gate: ")
		if !ok {
			if strings.HasPrefix(scan.Text(), "ready") {
				ready = true
			}
			continue
		}
		var o outcome
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			return 0, err
		}
		found[o.Check] = o.Found
		seen++
		visit(o.Check)
	}
	err = cmd.Wait()
	if !ready {
		return 0, fmt.Errorf("the self-check does not start: %v: %s", err, stderr.String())
	}
	return seen, nil
}

// writeOverlay writes files and the overlay that puts them in the places of others.
func writeOverlay(dir string, texts map[string]string) (string, error) {
	overlay := map[string]string{}
	for file, text := range texts {
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return "", err
		}
		abs, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		overlay[abs] = to
	}
	b, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return "", err
	}
	ov := filepath.Join(dir, "overlay.json")
	return ov, os.WriteFile(ov, b, 0o600)
}
