// Command mutants tests the tests: it changes the verifier's code in one place at a time, by `go test -overlay`, and reports
// the changes that no test notices. Run it from the repository's root or from tools/:
//
//	go run ./mutants [-list] [-run REGEXP] [-full] [-v]
//
// There are two kinds of mutations. Guards are found in the source: every `if` that ends in a return loses its condition,
// and so does every operand of && and || in it, so a new check is covered without an entry here. The others are listed in
// protocol.go: weaknesses of the protocol, made alike in prover, twin and verifier, so that honest proofs still pass.
//
// A mutant that does not compile is no mutant; one whose tests run longer than the timeout counts as killed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// edit replaces the text at [from, to) of a file.
type edit struct {
	file     string
	from, to int
	text     string
}

// mutant is one change, and the packages whose tests have to notice it, the quickest first.
type mutant struct {
	name  string
	edits []edit
	tests []string
}

func main() {
	list := flag.Bool("list", false, "list the mutants")
	run := flag.String("run", "", "only mutants whose name matches")
	verbose := flag.Bool("v", false, "print killed mutants too")
	timeout := flag.Duration("timeout", 3*time.Minute, "for one mutant's tests in one package")
	flag.Parse()
	if err := work(*list, *run, *verbose, *timeout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// errSurvived says that a change went unnoticed.
var errSurvived = errors.New("some mutants survive")

func work(list bool, run string, verbose bool, timeout time.Duration) error {
	if _, err := os.Stat("verify"); err != nil {
		if err := os.Chdir(".."); err != nil {
			return err
		}
	}
	want, err := regexp.Compile(run)
	if err != nil {
		return err
	}
	mutants, err := guards()
	if err != nil {
		return err
	}
	more, err := listed()
	if err != nil {
		return err
	}
	var survivors, stillborn []string
	killed := 0
	for _, m := range append(more, mutants...) {
		if !want.MatchString(m.name) {
			continue
		}
		if list {
			fmt.Println(m.name)
			continue
		}
		start := time.Now()
		verdict, by, err := m.test(timeout)
		if err != nil {
			return err
		}
		switch verdict {
		case survived:
			survivors = append(survivors, m.name)
		case unbuilt:
			stillborn = append(stillborn, m.name)
		default:
			killed++
		}
		if verbose || verdict != dead {
			fmt.Printf("%-9s %5.1fs  %s  %s\n", verdict, time.Since(start).Seconds(), m.name, by)
		}
	}
	if list {
		return nil
	}
	fmt.Printf("%d killed, %d survive, %d do not compile\n", killed, len(survivors), len(stillborn))
	if len(survivors) > 0 {
		return errSurvived
	}
	return nil
}

type verdict string

const (
	dead     verdict = "killed"
	survived verdict = "SURVIVES"
	unbuilt  verdict = "no build"
)

// test runs the tests of a mutant's packages until one notices.
func (m *mutant) test(timeout time.Duration) (verdict, string, error) {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return "", "", err
	}
	defer os.RemoveAll(dir)
	overlay := map[string]string{}
	texts := map[string]string{}
	for _, e := range m.edits { // of one file: from the end
		if _, ok := texts[e.file]; !ok {
			b, err := os.ReadFile(e.file)
			if err != nil {
				return "", "", err
			}
			texts[e.file] = string(b)
		}
		texts[e.file] = texts[e.file][:e.from] + e.text + texts[e.file][e.to:]
	}
	for file, text := range texts {
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return "", "", err
		}
		abs, err := filepath.Abs(file)
		if err != nil {
			return "", "", err
		}
		overlay[abs] = to
	}
	b, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return "", "", err
	}
	ov := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(ov, b, 0o600); err != nil {
		return "", "", err
	}
	for _, pkg := range m.tests {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-failfast", "-count=1", "-overlay", ov, pkg)
		out, err := cmd.CombinedOutput()
		late := ctx.Err() != nil
		cancel()
		switch {
		case late:
			return dead, "timeout", nil
		case strings.Contains(string(out), "[build failed]"):
			return unbuilt, firstLine(string(out)), nil
		case err != nil:
			return dead, "by " + failed(string(out), pkg), nil
		}
	}
	return survived, "", nil
}

func firstLine(s string) string {
	for _, line := range strings.Split(s, "\n") {
		if strings.Contains(line, ".go:") {
			return line
		}
	}
	return ""
}

var failure = regexp.MustCompile(`--- FAIL: (\S+)`)

// failed names the test that noticed.
func failed(out, pkg string) string {
	if m := failure.FindStringSubmatch(out); m != nil {
		return m[1]
	}
	return pkg
}
