// Package sarif writes results of checks as a log of SARIF 2.1.0 (OASIS), which code hosts and scanners read. It holds the
// few parts of the format that the program needs; names here are the format's.
package sarif

import (
	"encoding/json"
	"io"
)

// Log is one run of one tool.
type Log struct {
	Tool, Version string // version may be empty
	Rules         []Rule
	Results       []Result
	Properties    map[string]any
}

// Rule is a kind of result.
type Rule struct {
	ID, Short string
	Tags      []string
}

// Kind says what became of a check. Only those of kind Fail have a level.
type Kind string

const (
	Pass          Kind = "pass"
	Fail          Kind = "fail"
	Informational Kind = "informational"
	NotApplicable Kind = "notApplicable"
)

// Level says how bad a result of kind Fail is.
type Level string

const (
	None    Level = "none"
	Warning Level = "warning"
	Error   Level = "error"
)

// Result is one result of a rule.
type Result struct {
	Rule       string
	Kind       Kind
	Level      Level
	Message    string
	File       string   // may be empty
	Names      []string // things inside the file
	Properties map[string]any
}

type text struct {
	Text string `json:"text"`
}

type named struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type artifact struct {
	URI string `json:"uri"`
}

type physical struct {
	Artifact artifact `json:"artifactLocation"`
}

type location struct {
	Physical *physical `json:"physicalLocation,omitempty"`
	Logical  []named   `json:"logicalLocations,omitempty"`
}

type rule struct {
	ID         string         `json:"id"`
	Short      text           `json:"shortDescription"`
	Properties map[string]any `json:"properties,omitempty"`
}

type result struct {
	Rule       string         `json:"ruleId"`
	Kind       Kind           `json:"kind"`
	Level      Level          `json:"level"`
	Message    text           `json:"message"`
	Locations  []location     `json:"locations,omitempty"`
	Properties map[string]any `json:"properties,omitempty"`
}

type driver struct {
	Name    string `json:"name"`
	Version string `json:"semanticVersion,omitempty"`
	Rules   []rule `json:"rules"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type run struct {
	Tool       tool           `json:"tool"`
	Results    []result       `json:"results"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Write writes the log as JSON.
func (l *Log) Write(w io.Writer) error {
	out := run{Tool: tool{driver{Name: l.Tool, Version: l.Version, Rules: []rule{}}}, Results: []result{}, Properties: l.Properties}
	for _, r := range l.Rules {
		x := rule{ID: r.ID, Short: text{r.Short}}
		if r.Tags != nil {
			x.Properties = map[string]any{"tags": r.Tags}
		}
		out.Tool.Driver.Rules = append(out.Tool.Driver.Rules, x)
	}
	for i := range l.Results {
		r := &l.Results[i]
		x := result{Rule: r.Rule, Kind: r.Kind, Level: r.Level, Message: text{r.Message}, Properties: r.Properties}
		at := location{}
		if r.File != "" {
			at.Physical = &physical{artifact{r.File}}
		}
		for _, n := range r.Names {
			at.Logical = append(at.Logical, named{n, "member"})
		}
		if at.Physical != nil || at.Logical != nil {
			x.Locations = []location{at}
		}
		out.Results = append(out.Results, x)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []run{out}})
}
