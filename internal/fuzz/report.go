package fuzz

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ezkl-go/ezkl/internal/tamper"
)

// Report is what a run found.
type Report struct {
	Seed       uint64     `json:"seed"`
	NumRuns    int        `json:"num_runs"`
	Transcript string     `json:"transcript"`
	Verifiers  []string   `json:"verifiers"`
	Rows       []*Row     `json:"campaigns"`
	Total      Row        `json:"total"`
	Accuracy   *Accuracy  `json:"accuracy,omitempty"`
	SelfCheck  *SelfCheck `json:"self_check"`
	Speed      Speed      `json:"speed"`
	Seconds    float64    `json:"seconds"`         // the whole command, set by the caller
	Notes      []string   `json:"notes,omitempty"` // what was not done, and why
	Findings   []*Finding `json:"findings"`
}

// Speed compares runs that share one key with ezkl 9's way, fresh keys for each run.
type Speed struct {
	SetupSeconds  float64 `json:"setup_seconds"`   // SRS, key and its check, measured once
	RunsPerSecond float64 `json:"runs_per_second"` // over all campaigns
	FreshKeys     float64 `json:"runs_per_second_with_fresh_keys"`
	Ratio         float64 `json:"ratio"`
}

// Clean reports whether nothing was found.
func (r *Report) Clean() bool { return len(r.Findings) == 0 }

// campaigns lists what the options want.
func (e *engine) campaigns(ctx context.Context, files []File, r *Report) []*campaign {
	var out []*campaign
	add := func(target string, c func() *campaign) {
		if e.wants(target) {
			out = append(out, c())
		}
	}
	add("completeness", func() *campaign {
		r.Accuracy = &Accuracy{}
		return e.completeness(ctx, r.Accuracy)
	})
	add("completeness", e.circuits)
	add("proof", e.proofs)
	add("proof", e.replays)
	add("public", e.statements)
	add("vk", e.keys)
	add("vk", e.malformed)
	add("vk", e.encodings)
	if e.s.Contract != nil {
		add("calldata", e.calldata)
	}
	for i := range files {
		add(files[i].Target, func() *campaign { return e.file(&files[i]) })
	}
	add("prover", e.provers)
	add("prover", e.twins)
	add("transcript", e.transcripts)
	return out
}

// slowFields bounds the fields that are changed once at least, where a try takes long.
const slowFields = 100

// file is the campaign of a file that the caller judges.
func (e *engine) file(f *File) *campaign {
	var list []Try
	for _, m := range f.Structured {
		list = append(list, Try{Target: f.Target, Operator: m.Operator, Field: m.Field, Name: f.Name, File: func() []byte {
			b, _ := m.Make()
			return b
		}, Run: func(ctx context.Context) (Verdict, string) {
			b, err := m.Make()
			if err != nil {
				return Rejected, err.Error()
			}
			return f.Judge(ctx, b)
		}})
	}
	rng := e.rng("file " + f.Name)
	fields := spread(e.rng("order "+f.Name), list)
	runs := rawRuns
	if f.Slow {
		runs /= 5
		fields = min(fields, slowFields)
	}
	c := &campaign{name: f.Name, about: f.About, atLeast: min(len(list), max(fields, runs*e.o.NumRuns)) + runs*e.o.NumRuns, plain: f.Slow,
		tries: mixed(list, fields, func() Try {
			m := tamper.Raw(rng, f.Data)
			return Try{Target: f.Target, Operator: m.Operator, Field: m.Field, Name: f.Name, File: m.Make,
				Run: func(ctx context.Context) (Verdict, string) { return f.Judge(ctx, m.Make()) }}
		})}
	return c
}

// finish sums up.
func (e *engine) finish(r *Report) {
	t := &r.Total
	t.Campaign = "total"
	for _, row := range r.Rows {
		t.Tried += row.Tried
		t.Rejected += row.Rejected
		t.Legal += row.Legal
		t.Accepted += row.Accepted
		t.Failed += row.Failed
		t.Crashed += row.Crashed
		t.Timeouts += row.Timeouts
		t.Seconds += row.Seconds
		t.Peak = max(t.Peak, row.Peak)
	}
	if t.Tried > 0 && t.Seconds > 0 {
		setup := e.s.Setup.Seconds()
		each := t.Seconds / float64(t.Tried)
		r.Speed = Speed{setup, 1 / each, 1 / (setup + each), (setup + each) / each}
	}
	if e.s.NoEVM != "" {
		r.Notes = append(r.Notes, e.s.NoEVM+": proofs went to the native verifier only")
	} else {
		r.Notes = append(r.Notes, "the EVM verifier ran as its program, interpreted in Go; the contract's bytecode runs in the repository's tests only (go test ./internal/fuzz)")
	}
}

// String is the table and the figures, for people.
func (r *Report) String() string {
	var b strings.Builder
	line := func(row *Row) {
		fmt.Fprintf(&b, "%-18s %7d %9d %7d %9d %7d %8d %9d %8.1f s\n", row.Campaign, row.Tried, row.Rejected, row.Legal, row.Accepted, row.Failed,
			row.Crashed, row.Timeouts, row.Seconds)
	}
	fmt.Fprintf(&b, "%-18s %7s %9s %7s %9s %7s %8s %9s %10s\n", "campaign", "tried", "rejected", "legal", "accepted", "failed", "crashed", "timeouts", "time")
	for _, row := range r.Rows {
		line(row)
	}
	line(&r.Total)
	if a := r.Accuracy; a != nil {
		fmt.Fprintf(&b, "completeness: %d inputs, %d with a witness, %d proven, %d refused as out of range; worst error %.3g (%s)", a.Inputs+a.Refused, a.Inputs,
			a.Proven, a.Refused, a.WorstError, a.WorstFamily)
		if a.Labels > 0 {
			fmt.Fprintf(&b, "; %d of %d labels differ", a.Flips, a.Labels)
			if a.Flips > 0 {
				fmt.Fprintf(&b, " (%s)", a.FlipFamily)
			}
		}
		b.WriteByte('\n')
	}
	if s := r.Speed; s.Ratio > 0 {
		fmt.Fprintf(&b, "speed: %.0f runs a second with one key, %.2f with fresh keys for each run as ezkl 9 did: %.0f times\n", s.RunsPerSecond, s.FreshKeys, s.Ratio)
	}
	if r.SelfCheck != nil {
		fmt.Fprintf(&b, "self-check: %s\n", r.SelfCheck)
	}
	fmt.Fprintf(&b, "verifiers: %s; transcript %s; seed %d\n", strings.Join(r.Verifiers, ", "), r.Transcript, r.Seed)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	for _, row := range r.Rows {
		if row.Note != "" {
			fmt.Fprintf(&b, "note: %s: %s\n", row.Campaign, row.Note)
		}
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s\n", f)
		if f.File != "" {
			fmt.Fprintf(&b, "    reproducer: %s\n", f.File)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// JSON is the whole report.
func (r *Report) JSON() ([]byte, error) { return json.MarshalIndent(r, "", "  ") }

// Reproducer is the file of a finding, and its name; nil where there is none.
func (f *Finding) Reproducer() ([]byte, string) {
	if f.data == nil {
		return nil, ""
	}
	return f.data(), f.kind
}
