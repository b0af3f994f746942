package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// suites are the tests of some packages, each package one binary that holds every guard's mutant behind a gate: one build for all
// of them. A first run tells which gates each test passes, so that a mutant is shown only to the tests that can notice it.
type suites map[string][]*unit // by package, the quickest test first

// unit is one test.
type unit struct {
	binary, dir, name string
	seconds           float64
	reach             map[int]bool // the gates that it passes
}

// newSuites builds the tests of the packages that some mutants name. all are the guards, by gate.
func newSuites(dir string, all, some []*mutant, workers int) (suites, error) {
	texts, err := schema(all)
	if err != nil {
		return nil, err
	}
	ov, err := writeOverlay(dir, texts)
	if err != nil {
		return nil, err
	}
	packages := map[string]bool{}
	for _, m := range some {
		for _, p := range m.tests {
			packages[p] = true
		}
	}
	args := append([]string{"test", "-c", "-vet=off", "-overlay", ov, "-o", dir + "/"}, slices.Sorted(maps.Keys(packages))...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the schema does not build: %s", out)
	}
	s := suites{}
	var group errgroup.Group
	group.SetLimit(workers)
	var mu sync.Mutex
	for p := range packages {
		binary := filepath.Join(dir, filepath.Base(p)+".test")
		cmd := exec.Command(binary, "-test.list", ".")
		cmd.Dir = p
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		for _, name := range strings.Fields(string(out)) {
			u := &unit{binary: binary, dir: p, name: name}
			group.Go(func() error {
				if err := u.measure(dir); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				s[p] = append(s[p], u)
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, list := range s {
		slices.SortFunc(list, func(a, b *unit) int {
			if a.seconds < b.seconds {
				return -1
			}
			return 1
		})
	}
	return s, nil
}

// measure runs a test with every check in its place.
func (u *unit) measure(dir string) error {
	file := filepath.Join(dir, filepath.Base(u.binary)+"."+u.name)
	start := time.Now()
	late, out, err := u.run(10*time.Minute, "EZKL_HITS="+file)
	if late || err != nil {
		return fmt.Errorf("%s fails without any mutant: %w: %s", u.name, errors.Join(err), out)
	}
	u.seconds = time.Since(start).Seconds()
	lines, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	u.reach = map[int]bool{}
	for _, line := range strings.Fields(string(lines)) {
		k, err := strconv.Atoi(line)
		if err != nil {
			return err
		}
		u.reach[k] = true
	}
	return nil
}

// run runs the test with something in its environment.
func (u *unit) run(timeout time.Duration, env string) (late bool, out []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, u.binary, "-test.run", "^"+u.name+"$", "-test.failfast")
	cmd.Dir = u.dir
	cmd.Env = append(os.Environ(), env)
	out, err = cmd.CombinedOutput()
	return ctx.Err() != nil, out, err
}

// test shows the mutant of a gate to its tests until one notices.
func (s suites) test(m *mutant, gate int, timeout time.Duration) (verdict, string) {
	for _, p := range m.tests {
		for _, u := range s[p] {
			if !u.reach[gate] {
				continue
			}
			late, _, err := u.run(timeout/6+time.Duration(20*u.seconds*float64(time.Second)), fmt.Sprint("EZKL_MUTANT=", gate))
			switch {
			case late:
				return dead, "timeout"
			case err != nil:
				return dead, "by " + u.name
			}
		}
	}
	return survived, ""
}
