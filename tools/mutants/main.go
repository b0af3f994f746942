// Command mutants tests the tests: it changes the verifier's code in one place at a time, by `go test -overlay`, and reports
// the changes that no test notices. Run it from the repository's root or from tools/:
//
//	go run ./mutants [-list] [-run REGEXP] [-j N] [-log FILE] [-v]
//	go run ./mutants -planted [-run REGEXP]
//	go run ./mutants -fuzz [-write FILE] [-run REGEXP] [-j N] [-log FILE] [-v]
//	go run ./mutants -contract [-list] [-run REGEXP] [-v]
//
// There are two kinds of mutations. Guards are found in the source: every `if` that ends in a return loses its condition,
// and so does every operand of && and || in it, so a new check is covered without an entry here. All of them lie in one build
// of the tests, each behind a gate (gate.go), and each is shown to the tests that pass it (suite.go). The others are listed in
// protocol.go: weaknesses of the protocol, made alike in prover, twin and verifier, so that honest proofs still pass. Each is a
// build of its own.
//
// A mutant that does not compile is no mutant; one whose tests run longer than the timeout counts as killed.
//
// With -log every verdict is appended to a file at once, and a later run with the same
// file takes over the verdicts of mutants whose source has not changed (delete the file when tests were removed).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
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

// options are the flags.
type options struct {
	list, verbose bool
	run           string
	workers       int
	log           string
	timeout       time.Duration
}

func main() {
	var o options
	flag.BoolVar(&o.list, "list", false, "list the mutants")
	flag.StringVar(&o.run, "run", "", "only mutants whose name matches")
	flag.IntVar(&o.workers, "j", runtime.NumCPU(), "mutants tested at the same time")
	flag.StringVar(&o.log, "log", "", "file of verdicts: append new ones, take over those that it has")
	flag.BoolVar(&o.verbose, "v", false, "print killed mutants too")
	flag.DurationVar(&o.timeout, "timeout", 3*time.Minute, "for one mutant's test, or for its tests in one package")
	fuzz := flag.Bool("fuzz", false, "remove guards from a build of `ezkl fuzz`: its campaigns must find every one")
	bugs := flag.Bool("planted", false, "plant bugs of known classes: the compiler or `ezkl fuzz` must find every one")
	contract := flag.Bool("contract", false, "delete the checks of the Solidity verifier: each must break a test of internal/evm (needs node, after make evm)")
	write := flag.String("write", "", "with -fuzz: file for the figure")
	flag.Parse()
	do := func() error { return work(o) }
	switch {
	case *fuzz:
		do = func() error { return selfCheck(o, *write) }
	case *contract:
		do = func() error { return testContract(o.run, o.list, o.verbose, o.timeout) }
	case *bugs:
		do = func() error { return findPlanted(o.run) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// errSurvived says that a change went unnoticed.
var errSurvived = errors.New("some mutants survive")

func work(o options) error {
	want, err := start(o.run)
	if err != nil {
		return err
	}
	gated, err := guards()
	if err != nil {
		return err
	}
	more, err := listed()
	if err != nil {
		return err
	}
	mutants := slices.DeleteFunc(slices.Concat(more, gated), func(m *mutant) bool { return !want.MatchString(m.name) })
	if o.list {
		for _, m := range mutants {
			fmt.Println(m.name)
		}
		return nil
	}
	past, err := openRecord(o.log)
	if err != nil {
		return err
	}
	defer past.close()
	count := map[verdict]int{}
	var mu sync.Mutex
	tell := func(e entry) {
		mu.Lock()
		defer mu.Unlock()
		count[e.Verdict]++
		if o.verbose || e.Verdict != dead {
			fmt.Printf("%-9s %5.1fs  %s  %s\n", e.Verdict, e.Seconds, e.Name, e.By)
		}
	}
	entries := map[*mutant]entry{} // of those to be tested
	var alone, together []*mutant
	for _, m := range mutants {
		e, known, err := past.known(m)
		switch {
		case err != nil:
			return err
		case known:
			tell(e)
			continue
		}
		entries[m] = e
		if slices.Contains(gated, m) {
			together = append(together, m)
		} else {
			alone = append(alone, m)
		}
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var tests suites
	if len(together) > 0 {
		if tests, err = newSuites(dir, gated, together, o.workers); err != nil {
			return err
		}
	}
	var all errgroup.Group
	all.SetLimit(max(o.workers, 1))
	for _, m := range slices.Concat(together, alone) {
		all.Go(func() error {
			e, err := past.verdict(entries[m], func() (verdict, string, error) {
				if k := slices.Index(gated, m); k >= 0 {
					v, by := tests.test(m, k, o.timeout)
					return v, by, nil
				}
				return m.test(o.timeout)
			})
			if err == nil {
				tell(e)
			}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	fmt.Printf("%d mutants: %d killed, %d survive, %d do not compile\n", len(mutants), count[dead], count[survived], count[unbuilt])
	if count[survived] > 0 {
		return errSurvived
	}
	return nil
}

// start goes to the repository's root and compiles the pattern of -run.
func start(run string) (*regexp.Regexp, error) {
	if _, err := os.Stat("verify"); err != nil {
		if err := os.Chdir(".."); err != nil {
			return nil, err
		}
	}
	return regexp.Compile(run)
}

type verdict string

const (
	dead     verdict = "killed"
	survived verdict = "SURVIVES"
	unbuilt  verdict = "no build"
)

// test builds and runs the tests of a mutant's packages, with the mutant in place, until one notices.
func (m *mutant) test(timeout time.Duration) (verdict, string, error) {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return "", "", err
	}
	defer os.RemoveAll(dir)
	texts, err := m.texts()
	if err != nil {
		return "", "", err
	}
	ov, err := writeOverlay(dir, texts)
	if err != nil {
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

// texts are the changed files.
func (m *mutant) texts() (map[string]string, error) {
	texts := map[string]string{}
	for _, e := range m.edits { // in order: offsets are those after the edits before
		if _, ok := texts[e.file]; !ok {
			b, err := os.ReadFile(e.file)
			if err != nil {
				return nil, err
			}
			texts[e.file] = string(b)
		}
		texts[e.file] = texts[e.file][:e.from] + e.text + texts[e.file][e.to:]
	}
	return texts, nil
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
