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
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const checkPath = "zz_selfcheck_test.go" // the test that the self-check adds to the root package

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
	{"verify/verify.go", "check", "r.Points(\"C_W\"", "the reader stays at the point that it refuses, and C_H is of points"},
	{"verify/verify.go", "check", "r.Points(\"C_H\"", "the reader stays in the middle of the message, and the algebra refuses the rest"},
	{"internal/layout/shape.go", "committed", "=l.C.Blocks[t.Block].Role != circuit.Public", "no check: a side that is public everywhere may have a claim as well"},
	{"verify/key.go", "NewKey", "layout.ForKey(vk.Circuit)", "a key layout that is too large has no key proof"},
}

// isExempt looks a guard up: by its function and by text in it or on the line before, or by its whole text after a "=".
func isExempt(m *mutant) bool {
	src, err := os.ReadFile(m.edits[0].file)
	if err != nil {
		return false
	}
	before := string(src[:m.edits[0].from])
	function := before[strings.LastIndex(before, "\nfunc ")+1:]
	function = regexp.MustCompile(`func (\([^)]*\) )?(\w+)`).FindStringSubmatch(function)[2]
	lines := strings.Split(before, "\n")
	own := string(src[m.edits[0].from:m.edits[0].to])
	near := strings.Join(lines[max(0, len(lines)-2):], "\n") + own
	for _, x := range exempt {
		if x.file == m.edits[0].file && (x.function == "" || x.function == function) && (strings.Contains(near, x.text) || "="+own == x.text) {
			return true
		}
	}
	return false
}

// outcome is one line of the self-check's test.
type outcome struct {
	Check int    `json:"check"`
	Found string `json:"found"` // "" if no campaign noticed
}

// selfCheck builds the schema, runs the campaigns of `ezkl fuzz` against it with one check removed each, and writes the figure.
func selfCheck(o options, write string) error {
	want, err := start(o.run)
	if err != nil {
		return err
	}
	all, err := guards()
	if err != nil {
		return err
	}
	// the certificate is the compiler's: fuzz -planted and the package's own tests answer for it
	all = slices.DeleteFunc(all, func(m *mutant) bool { return strings.HasPrefix(m.edits[0].file, "internal/determinism/") })
	past, err := openRecord(o.log)
	if err != nil {
		return err
	}
	defer past.close()
	dir, err := os.MkdirTemp("", "selfcheck")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	entries := make([]entry, len(all))
	var numbers []string
	left, hits, checks := 0, 0, 0
	for k, m := range all {
		e, known, err := past.known(m)
		switch {
		case err != nil:
			return err
		case isExempt(m):
			left++
			continue
		case !want.MatchString(m.name):
			continue
		case known:
			hits++
		default:
			numbers = append(numbers, strconv.Itoa(k))
		}
		entries[k] = e
		checks++
	}
	binary := filepath.Join(dir, "selfcheck.test")
	if len(numbers) > 0 {
		if err := buildSelfCheck(dir, binary, all); err != nil {
			return err
		}
	}
	begin := time.Now()
	last := begin
	var mu sync.Mutex
	tell := func(k int, found string) error {
		mu.Lock()
		defer mu.Unlock()
		e := entries[k]
		e.Verdict, e.By, e.Seconds = survived, found, time.Since(last).Seconds()
		last = time.Now()
		if found != "" {
			e.Verdict = dead
			hits++
		}
		if found == "" || o.verbose {
			fmt.Printf("%-9s %5.0fs  %s  %s\n", map[bool]string{true: "NOT FOUND", false: "found"}[found == ""], time.Since(begin).Seconds(), e.Name, found)
		}
		return past.add(e)
	}
	var group errgroup.Group
	for i := range min(o.workers, len(numbers)) {
		var share []string
		for j := i; j < len(numbers); j += o.workers {
			share = append(share, numbers[j])
		}
		group.Go(func() error { return runAll(binary, "TestSelfCheck", share, tell) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	fmt.Printf("self-check: %d of %d removed checks found in %.0f s; %d more no file can show\n", hits, checks, time.Since(begin).Seconds(), left)
	if write != "" {
		b, err := json.MarshalIndent(map[string]any{"checks": checks, "found": hits, "exempt": left}, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(write, append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	if hits < checks {
		return errSurvived
	}
	return nil
}

// buildSelfCheck builds the root package's test with all guards behind gates.
func buildSelfCheck(dir, binary string, all []*mutant) error {
	texts, err := schema(all)
	if err != nil {
		return err
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
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", ov, "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("the schema does not build: %s", out)
	}
	return nil
}

// runAll runs a test over all of a list: one whose removal ends the process is found, and the rest goes on behind it.
func runAll(binary, test string, list []string, tell func(k int, found string) error) error {
	for len(list) > 0 {
		seen, err := runChecks(binary, test, list, tell)
		if err != nil {
			return err
		}
		if seen < len(list) {
			number, _, _ := strings.Cut(list[seen], ":")
			k, err := strconv.Atoi(number)
			if err != nil {
				return err
			}
			if err := tell(k, "the process ends"); err != nil {
				return err
			}
			seen++
		}
		list = list[seen:]
	}
	return nil
}

// runChecks runs a test over some checks and returns how many it came through.
func runChecks(binary, test string, list []string, tell func(k int, found string) error) (int, error) {
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
	var said strings.Builder // before it is ready
	for scan.Scan() {
		line, ok := strings.CutPrefix(scan.Text(), "gate: ")
		if !ok {
			if strings.HasPrefix(scan.Text(), "ready") {
				ready = true
			}
			if !ready {
				fmt.Fprintln(&said, scan.Text())
			}
			continue
		}
		var o outcome
		err := json.Unmarshal([]byte(line), &o)
		if err == nil {
			err = tell(o.Check, o.Found)
		}
		if err != nil {
			cmd.Process.Kill()
			cmd.Wait()
			return 0, err
		}
		seen++
	}
	err = cmd.Wait()
	if !ready {
		return 0, fmt.Errorf("the build without any change fails: %v: %s%s", err, said.String(), stderr.String())
	}
	return seen, nil
}
