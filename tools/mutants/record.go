package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// entry is a line of the log: what became of a mutant.
type entry struct {
	ID      string  `json:"id"` // of the changed files' text
	Name    string  `json:"name"`
	Verdict verdict `json:"verdict"`
	By      string  `json:"by"` // the test that noticed
	Seconds float64 `json:"seconds"`
}

// record is the log: verdicts of earlier runs, and where new ones go (nil: nowhere).
type record struct {
	file *os.File
	mu   sync.Mutex
	past map[string]entry
}

func openRecord(path string) (*record, error) {
	r := &record{past: map[string]entry{}}
	if path == "" {
		return r, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil { // a run may have been stopped inside a line
			r.past[e.ID] = e
		}
	}
	r.file = f
	return r, nil
}

func (r *record) close() {
	if r.file != nil {
		r.file.Close()
	}
}

// verdict looks a mutant up, or tests it. Survivors are tested again: a test may have been added.
func (r *record) verdict(m *mutant, timeout time.Duration) (entry, error) {
	id, err := m.id()
	if err != nil {
		return entry{}, err
	}
	if e, ok := r.past[id]; ok && e.Verdict != survived {
		e.Name = m.name
		return e, nil
	}
	start := time.Now()
	v, by, err := m.test(timeout)
	if err != nil {
		return entry{}, err
	}
	e := entry{id, m.name, v, by, time.Since(start).Seconds()}
	if r.file == nil {
		return e, nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return entry{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = fmt.Fprintf(r.file, "%s\n", line)
	return e, err
}

// id names the change: it holds as long as the changed files stay as they are.
func (m *mutant) id() (string, error) {
	texts, err := m.texts()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(h, "%s %d\n%s", file, len(texts[file]), texts[file])
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
