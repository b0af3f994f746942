package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/ezkl-go/ezkl"
)

// stageTime is how long a stage of a command took.
type stageTime struct {
	Stage   string  `json:"stage"`
	Seconds float64 `json:"seconds"`
}

// stopwatch times the stages of a command; nil times nothing.
type stopwatch struct {
	stages []stageTime
	since  time.Time
}

// start ends the stage before and begins another.
func (s *stopwatch) start(stage string) {
	if s == nil || len(s.stages) > 0 && s.stages[len(s.stages)-1].Stage == stage {
		return
	}
	s.stop()
	s.stages, s.since = append(s.stages, stageTime{Stage: stage}), time.Now()
}

// stop ends the last stage.
func (s *stopwatch) stop() {
	if s != nil && len(s.stages) > 0 && !s.since.IsZero() {
		s.stages[len(s.stages)-1].Seconds = time.Since(s.since).Seconds()
		s.since = time.Time{}
	}
}

// progress times the steps that the API reports, and passes them on.
func (s *stopwatch) progress(next ezkl.Progress) ezkl.Progress {
	if s == nil {
		return next
	}
	return func(step string, done, total int64) {
		s.start(step)
		if next != nil {
			next(step, done, total)
		}
	}
}

// list is the stages so far, for --json.
func (s *stopwatch) list() []stageTime {
	if s == nil {
		return nil
	}
	s.stop()
	return s.stages
}

// text is a line for each stage, each after a line break.
func (s *stopwatch) text() string {
	var b strings.Builder
	for _, x := range s.list() {
		fmt.Fprintf(&b, "\n%8.3f s  %s", x.Seconds, x.Stage)
	}
	return b.String()
}
