package fuzz

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Options of a run.
type Options struct {
	// NumRuns is the number of witnesses that are proven, and scales how many mutants are tried: default 10.
	NumRuns int
	Seed    uint64
	// Time, if set, keeps the campaigns going for about that long together.
	Time time.Duration
	// Targets limits the run to some of Targets; nil: all.
	Targets []string
	// Timeout of one try; 0: 20 times the time of setup, at least a minute: machines are busy at times.
	Timeout time.Duration
	// First ends the run at its first finding: for the self-check.
	First bool
	// Progress, if set, is told of every try. total 0: not known.
	Progress func(step string, done, total int64)
}

// Targets are what a run can aim at.
var Targets = []string{"completeness", "proof", "public", "vk", "srs", "witness", "circuit", "model", "input", "calldata", "prover", "transcript"}

// CheckTargets refuses unknown names.
func CheckTargets(names []string) error {
	for _, n := range names {
		if !slices.Contains(Targets, n) {
			return fmt.Errorf("unknown target %q: use %s", n, strings.Join(Targets, ", "))
		}
	}
	return nil
}

// engine runs campaigns.
type engine struct {
	o       Options
	s       *Subject
	timeout time.Duration
	memory  uint64
	start   time.Time
	left    int // campaigns not started yet
}

func (e *engine) progress(step string, done, total int64) {
	if e.o.Progress != nil {
		e.o.Progress(step, done, total)
	}
}

// share is when a campaign has to end: its equal part of the time that is left. Campaigns that end by themselves leave
// theirs to the others.
func (e *engine) share() time.Time {
	now := time.Now()
	if e.o.Time == 0 {
		return now
	}
	left := e.start.Add(e.o.Time).Sub(now)
	return now.Add(left / time.Duration(max(e.left, 1)))
}

func (e *engine) wants(target string) bool {
	return len(e.o.Targets) == 0 || slices.Contains(e.o.Targets, target)
}

// rng is the generator of a campaign: it depends on the seed and the campaign alone.
func (e *engine) rng(name string) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, c := range []byte(name) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(e.o.Seed, h))
}

// File is a target that the caller judges: a file of the workflow.
type File struct {
	Target     string // of Targets
	Name       string // network.onnx, ..
	About      string // one line: what is judged
	Data       []byte // the original
	Structured []Mutation
	// Judge says what comes of a changed file.
	Judge func(ctx context.Context, data []byte) (Verdict, string)
	Slow  bool // judging takes long, or makes proofs: fewer runs, and no measure of memory
}

// Mutation is a typed change of a file.
type Mutation struct {
	Operator, Field string
	Make            func() ([]byte, error)
}

// Run prepares the subject and runs all campaigns that the options want.
func Run(ctx context.Context, s *Subject, files []File, o Options) (*Report, error) {
	if o.NumRuns == 0 {
		o.NumRuns = 10
	}
	if err := CheckTargets(o.Targets); err != nil {
		return nil, err
	}
	e := &engine{o: o, s: s, start: time.Now()}
	r := &Report{Findings: []*Finding{}, SelfCheck: measured(), Seed: o.Seed, NumRuns: o.NumRuns, Transcript: s.Kind.String()}
	if s.Key == nil {
		if err := s.Prepare(ctx, o.Seed, func(stage string) { e.progress(stage, 0, 0) }); err != nil {
			return nil, err
		}
	}
	e.limits()
	for _, v := range s.Verifiers {
		r.Verifiers = append(r.Verifiers, v.Name)
	}
	list := e.campaigns(ctx, files, r)
	e.start, e.left = time.Now(), len(list)
	for i := range list {
		row, found, err := e.run(ctx, list[i])
		r.Rows = append(r.Rows, row)
		r.Findings = append(r.Findings, found...)
		if err != nil {
			return nil, err
		}
		e.left--
		if o.First && len(found) > 0 {
			break
		}
	}
	e.finish(r)
	return r, nil
}

// limits sets what one try may take, from what an honest one takes.
func (e *engine) limits() {
	e.timeout = e.o.Timeout
	if e.timeout == 0 {
		e.timeout = max(time.Minute, 20*e.s.Setup)
	}
	e.memory = baseMemory + 256*uint64(len(e.s.PK.VK.Encode())+len(e.s.Proof))
}
