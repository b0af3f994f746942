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

// known looks a mutant up. Survivors are tested again: a test may have been added.
func (r *record) known(m *mutant) (entry, bool, error) {
	id, err := m.id()
	e, ok := r.past[id]
	e.ID, e.Name = id, m.name
	return e, ok && e.Verdict != survived, err
}

// verdict tests a mutant and notes what became of it.
func (r *record) verdict(e entry, test func() (verdict, string, error)) (entry, error) {
	start := time.Now()
	var err error
	if e.Verdict, e.By, err = test(); err != nil {
		return entry{}, err
	}
	e.Seconds = time.Since(start).Seconds()
	return e, r.add(e)
}

// add appends to the log.
func (r *record) add(e entry) error {
	if r.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = fmt.Fprintf(r.file, "%s\n", line)
	return err
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
