package fuzz

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func of(list ...Try) *campaign { return &campaign{name: "test", tries: mixed(list, len(list), nil)} }

// TestEngine: every way to go wrong is a verdict of its own, and nothing else is.
func TestEngine(t *testing.T) {
	e := &engine{timeout: 50 * time.Millisecond, memory: 1 << 20}
	hang := make(chan struct{})
	defer close(hang)
	say := func(v Verdict) Try {
		return Try{Target: "proof", Operator: v.String(), Run: func(context.Context) (Verdict, string) { return v, "" }}
	}
	panics := Try{Operator: "panic", Run: func(context.Context) (Verdict, string) { panic("here") }}
	hangs := Try{Operator: "hang", Run: func(context.Context) (Verdict, string) { <-hang; return Rejected, "" }}
	var kept []byte
	greedy := Try{Operator: "greedy", Run: func(context.Context) (Verdict, string) {
		kept = make([]byte, 8<<20)
		return Rejected, ""
	}}
	row, found, err := e.run(context.Background(), of(say(Rejected), say(Legal), say(Accepted), say(Failed), panics, hangs, greedy))
	if err != nil {
		t.Fatal(err)
	}
	if row.Tried != 7 || row.Rejected != 1 || row.Legal != 1 || row.Accepted != 1 || row.Failed != 1 || row.Crashed != 2 || row.Timeouts != 1 || len(kept) == 0 {
		t.Errorf("%+v", row)
	}
	if len(found) != 5 || !strings.Contains(found[2].Text, "panic: here: ") {
		t.Errorf("%v", found)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, _, err := e.run(ctx, of(say(Rejected))); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestSpread: every field comes before any comes twice, and the same seed gives the same order.
func TestSpread(t *testing.T) {
	make1 := func() []Try {
		var list []Try
		for _, f := range strings.Fields("a a a b b c d d d d") {
			list = append(list, Try{Field: f, Operator: string(rune('0' + len(list)))})
		}
		return list
	}
	e := &engine{}
	list, again := make1(), make1()
	if n := spread(e.rng("x"), list); n != 4 {
		t.Errorf("%d fields", n)
	}
	spread(e.rng("x"), again)
	var first []string
	for i := range list {
		if list[i].Operator != again[i].Operator {
			t.Error("not repeatable")
		}
		if i < 4 {
			first = append(first, list[i].Field)
		}
	}
	slices.Sort(first)
	if strings.Join(first, "") != "abcd" {
		t.Errorf("first %v", first)
	}
}

// TestReport: the findings are in all forms.
func TestReport(t *testing.T) {
	r := &Report{Rows: []*Row{{Campaign: "proof", Tried: 2, Accepted: 1, By: map[string]int{"proof swap": 2}}}, Verifiers: []string{"native"},
		Findings: []*Finding{{Campaign: "proof", Target: "proof", Operator: "swap", Field: "S<0>", Verdict: "accepted", Text: "accepted by: native", File: "dir/proof.bin"}}}
	if r.Clean() || !strings.Contains(r.String(), "ACCEPTED: proof swap, S<0>") {
		t.Error(r.String())
	}
	var sarif, html bytes.Buffer
	if err := r.SARIF(&sarif); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Results []struct{ RuleID, Level string }
		}
	}
	if err := json.Unmarshal(sarif.Bytes(), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != 1 || log.Runs[0].Results[0].RuleID != "proof/accepted" {
		t.Errorf("%s: %v", sarif.String(), err)
	}
	if err := r.HTML(&html); err != nil || !strings.Contains(html.String(), "S&lt;0&gt;") {
		t.Errorf("%v: %s", err, html.String())
	}
	if (&Report{}).SelfCheck != nil || CheckTargets([]string{"proof", "none"}) == nil {
		t.Error("an unknown target passes")
	}
}
