package fuzz

import (
	"encoding/json"
	"io"
)

// SARIF writes the findings as SARIF 2.1.0 (OASIS), which code hosts show beside the code. A rule is a verdict of a campaign.
func (r *Report) SARIF(w io.Writer) error {
	type text struct {
		Text string `json:"text"`
	}
	type artifact struct {
		URI string `json:"uri"`
	}
	type physical struct {
		Artifact artifact `json:"artifactLocation"`
	}
	type location struct {
		Physical *physical `json:"physicalLocation,omitempty"`
	}
	type result struct {
		Rule       string         `json:"ruleId"`
		Level      string         `json:"level"`
		Message    text           `json:"message"`
		Locations  []location     `json:"locations,omitempty"`
		Properties map[string]any `json:"properties"`
	}
	type rule struct {
		ID    string `json:"id"`
		Short text   `json:"shortDescription"`
	}
	rules, seen := []rule{}, map[string]bool{}
	results := []result{}
	for _, f := range r.Findings {
		id := f.Campaign + "/" + f.Verdict
		if !seen[id] {
			seen[id] = true
			rules = append(rules, rule{id, text{f.Campaign + ": a case was " + f.Verdict}})
		}
		x := result{Rule: id, Level: "error", Message: text{f.String()},
			Properties: map[string]any{"target": f.Target, "operator": f.Operator, "field": f.Field, "seed": r.Seed}}
		if f.File != "" {
			x.Locations = []location{{&physical{artifact{f.File}}}}
		}
		results = append(results, x)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":       map[string]any{"driver": map[string]any{"name": "ezkl fuzz", "rules": rules}},
			"results":    results,
			"properties": map[string]any{"campaigns": r.Rows, "self_check": r.SelfCheck, "notes": r.Notes},
		}},
	})
}
