package fuzz

import (
	"io"

	"github.com/ezkl-go/ezkl/internal/sarif"
)

// SARIF writes the findings as a SARIF log. A rule is a verdict of a campaign.
func (r *Report) SARIF(w io.Writer) error {
	log := sarif.Log{Tool: "ezkl fuzz", Properties: map[string]any{"campaigns": r.Rows, "self_check": r.SelfCheck, "notes": r.Notes}}
	seen := map[string]bool{}
	for _, f := range r.Findings {
		id := f.Campaign + "/" + f.Verdict
		if !seen[id] {
			seen[id] = true
			log.Rules = append(log.Rules, sarif.Rule{ID: id, Short: f.Campaign + ": a case was " + f.Verdict})
		}
		log.Results = append(log.Results, sarif.Result{Rule: id, Kind: sarif.Fail, Level: sarif.Error, Message: f.String(), File: f.File,
			Properties: map[string]any{"target": f.Target, "operator": f.Operator, "field": f.Field, "seed": r.Seed}})
	}
	return log.Write(w)
}
