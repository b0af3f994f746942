package fuzz

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Verdict is what came of one try.
type Verdict uint8

const (
	Rejected Verdict = iota // refused, as it must be
	Legal                   // an honest case that passed, or a changed file that says nothing false
	Accepted                // something false was accepted
	Failed                  // something true was refused, or came out wrong
	Crashed                 // a panic, or more memory than allowed
	TimedOut
)

var verdictNames = [...]string{"rejected", "legal", "accepted", "failed", "crashed", "timeout"}

// String is the verdict's name in reports.
func (v Verdict) String() string { return verdictNames[v] }

// Bad verdicts are findings.
func (v Verdict) Bad() bool { return v >= Accepted }

// Try is one case.
type Try struct {
	Target   string // proof, vk, witness, ..
	Operator string // bit flip, +p, ..
	Field    string // what it changes
	// Run judges the case. The text explains the verdict.
	Run func(ctx context.Context) (Verdict, string)
	// File is the case as a file, for a reproducer; nil where the seed and the text are all there is.
	File func() []byte
	Name string // of that file's kind: proof.bin, vk.key, ..
}

// campaign is a list of tries.
type campaign struct {
	name  string
	about string
	note  string // what is left out, and why
	// tries are made one after the other; a campaign that can go on forever does, and the engine stops it after atLeast tries
	// or, if there is time, later.
	tries   iter.Seq[Try]
	atLeast int           // 0: all
	plain   bool          // do not measure memory: the tries are whole proofs
	timeout time.Duration // of one try, if it is more than the engine's
	until   time.Time     // when its share of Options.Time ends; set when it starts
}

// Row is a campaign's line in the report.
type Row struct {
	Campaign string         `json:"campaign"`
	About    string         `json:"about"`
	Tried    int            `json:"tried"`
	Counts   [6]int         `json:"-"`
	Rejected int            `json:"rejected"`
	Legal    int            `json:"legal"`
	Accepted int            `json:"accepted"`
	Failed   int            `json:"failed"`
	Crashed  int            `json:"crashed"`
	Timeouts int            `json:"timeouts"`
	Seconds  float64        `json:"seconds"`
	Peak     uint64         `json:"peak_allocation,omitempty"` // bytes, of one try
	By       map[string]int `json:"by_operator"`               // tries, by "target operator"
	Note     string         `json:"note,omitempty"`            // what was left out, and why
}

// Finding is a try with a bad verdict.
type Finding struct {
	Campaign string `json:"campaign"`
	Target   string `json:"target"`
	Operator string `json:"operator"`
	Field    string `json:"field"`
	Verdict  string `json:"verdict"`
	Text     string `json:"text"`
	File     string `json:"file,omitempty"` // the reproducer, with --save
	data     func() []byte
	kind     string
}

func (f *Finding) String() string {
	return fmt.Sprintf("%s: %s %s, %s: %s", strings.ToUpper(f.Verdict), f.Target, f.Operator, f.Field, f.Text)
}

// Limits of one try. A key or proof is refused in milliseconds; a proof of a large network takes seconds to make.
const (
	maxFindings = 100      // per campaign: then it ends
	maxHung     = 4        // tries whose goroutine still runs
	baseMemory  = 96 << 20 // bytes that one mutant may allocate, beside a multiple of its file
)

// run makes the tries of a campaign.
func (e *engine) run(ctx context.Context, c *campaign) (*Row, []*Finding, error) {
	row := &Row{Campaign: c.name, About: c.about, Note: c.note, By: map[string]int{}}
	var found []*Finding
	start := time.Now()
	c.until = e.share()
	hung := 0
	for t := range c.tries {
		if err := ctx.Err(); err != nil {
			return row, found, err
		}
		if row.Tried > 0 && row.Tried >= c.atLeast && c.atLeast > 0 && time.Now().After(c.until) {
			break
		}
		v, text, used := e.judge(ctx, &t, c)
		if err := ctx.Err(); err != nil { // an interrupted try says nothing
			return row, found, err
		}
		row.Tried++
		row.Counts[v]++
		row.Peak = max(row.Peak, used)
		row.By[t.Target+" "+t.Operator]++
		if v.Bad() {
			found = append(found, &Finding{Campaign: c.name, Target: t.Target, Operator: t.Operator, Field: t.Field, Verdict: v.String(),
				Text: text, data: t.File, kind: t.Name})
			if e.o.First {
				break
			}
			if v == TimedOut {
				hung++
			}
			if len(found) == maxFindings || hung == maxHung {
				row.Note = fmt.Sprintf("ended after %d findings", len(found))
				break
			}
		}
		e.progress(c.name, int64(row.Tried), int64(c.atLeast))
	}
	row.Rejected, row.Legal, row.Accepted = row.Counts[Rejected], row.Counts[Legal], row.Counts[Accepted]
	row.Failed, row.Crashed, row.Timeouts = row.Counts[Failed], row.Counts[Crashed], row.Counts[TimedOut]
	row.Seconds = time.Since(start).Seconds()
	return row, found, nil
}

// judge runs one try in a goroutine of its own, so that a panic or an endless loop is a verdict.
func (e *engine) judge(ctx context.Context, t *Try, c *campaign) (v Verdict, text string, used uint64) {
	type result struct {
		v    Verdict
		text string
		used uint64
	}
	done := make(chan result, 1)
	go func() {
		var r result
		var before, after runtime.MemStats
		if !c.plain {
			runtime.ReadMemStats(&before)
		}
		defer func() {
			if p := recover(); p != nil {
				r.v, r.text = Crashed, fmt.Sprintf("panic: %v: %s", p, where(debug.Stack()))
			}
			done <- r
		}()
		r.v, r.text = t.Run(ctx)
		if !c.plain {
			runtime.ReadMemStats(&after)
			r.used = after.TotalAlloc - before.TotalAlloc
			if limit := e.memory; r.used > limit && !r.v.Bad() {
				r.v, r.text = Crashed, fmt.Sprintf("allocates %d MB, more than %d", r.used>>20, limit>>20)
			}
		}
	}()
	limit := max(e.timeout, c.timeout)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.v, r.text, r.used
	case <-timer.C:
		return TimedOut, fmt.Sprintf("no verdict within %v", limit), 0
	}
}

// where is the innermost function of a panic's stack that is not the runtime's.
func where(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") && i+2 < len(lines) {
			for _, l := range lines[i+2:] {
				if l != "" && l[0] != '\t' && !strings.HasPrefix(l, "runtime.") {
					return l
				}
			}
		}
	}
	return "unknown place"
}
