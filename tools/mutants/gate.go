package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// A schema is one build that holds all guard mutants at once: every guard is wrapped in a gate of its own, which a test opens
// at run time (Untch, Offutt, Harrold: mutant schemata, 1993). It exists in an overlay only; the repository's verifier has no
// such switch, and no other binary has.
const (
	gatePath = "internal/gate/gate.go"
	gateText = `// Package gate removes one check of the verifier at a time; it exists in builds of tools/mutants only.
package gate

import (
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
)

var (
	off  = -1
	hits *os.File // of EZKL_HITS: the checks that are reached, a line for each
	seen [1 << 13]atomic.Bool
)

func init() {
	if k, err := strconv.Atoi(os.Getenv("EZKL_MUTANT")); err == nil {
		off = k
	}
	if path := os.Getenv("EZKL_HITS"); path != "" {
		hits, _ = os.Create(path)
	}
}

// Off removes check k; -1 removes none.
func Off(k int) { off = k }

// On reports whether check k is there.
func On(k int) bool {
	if hits != nil && !seen[k].Swap(true) {
		fmt.Fprintln(hits, k)
	}
	return k != off
}
`
)

// schema is the gate and every file of the guards with all of them wrapped. A guard's gate is its place in the list.
func schema(all []*mutant) (map[string]string, error) {
	byFile := map[string][]int{}
	for k := range all {
		byFile[all[k].edits[0].file] = append(byFile[all[k].edits[0].file], k)
	}
	texts := map[string]string{gatePath: gateText}
	for file, numbers := range byFile {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		texts[file] = wrap(string(src), numbers, all)
	}
	return texts, nil
}

// wrap gates the guards of one file. The numbers of the mutants are those in all.
func wrap(src string, numbers []int, all []*mutant) string {
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

// withGate adds the import of the gate.
func withGate(text string) string {
	clause := regexp.MustCompile(`(?m)^package \w+$`).FindString(text)
	return strings.Replace(text, clause, clause+"\n\nimport gate \"github.com/ezkl-go/ezkl/internal/gate\"", 1)
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
