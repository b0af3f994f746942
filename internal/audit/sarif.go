package audit

import (
	"encoding/json"
	"io"
)

// WriteSARIF writes the checks as a log of SARIF 2.1.0 (OASIS), for code scanners: one rule and one result for each check.
// Checks that pass are results of kind pass, so that a reader sees what has been looked at.
func (r *Report) WriteSARIF(w io.Writer) error {
	type text struct {
		Text string `json:"text"`
	}
	type logical struct {
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
		Logical  []logical `json:"logicalLocations,omitempty"`
	}
	type properties struct {
		Tags []string `json:"tags,omitempty"`
	}
	type rule struct {
		ID    string     `json:"id"`
		Short text       `json:"shortDescription"`
		Props properties `json:"properties"`
	}
	type result struct {
		Rule      string     `json:"ruleId"`
		Kind      string     `json:"kind"`
		Level     string     `json:"level"`
		Message   text       `json:"message"`
		Locations []location `json:"locations,omitempty"`
	}
	type driver struct {
		Name    string `json:"name"`
		Version string `json:"semanticVersion"`
		Rules   []rule `json:"rules"`
	}
	type tool struct {
		Driver driver `json:"driver"`
	}
	type run struct {
		Tool    tool     `json:"tool"`
		Results []result `json:"results"`
	}
	d := driver{Name: "ezkl audit", Version: r.Version}
	out := run{Results: []result{}}
	for i := range r.Checks {
		c := &r.Checks[i]
		d.Rules = append(d.Rules, rule{c.ID, text{c.Title}, properties{c.Class}})
		x := result{Rule: c.ID, Level: "none", Message: text{c.Title + ": " + c.Detail}}
		switch c.Verdict {
		case Pass:
			x.Kind = "pass"
		case Skipped:
			x.Kind = "notApplicable"
		case Note:
			x.Kind = "informational"
		case Warning:
			x.Kind, x.Level = "fail", "warning"
		default:
			x.Kind, x.Level = "fail", "error"
		}
		l := location{}
		if r.Circuit.File != "" {
			l.Physical = &physical{artifact{r.Circuit.File}}
		}
		for _, name := range c.Where {
			l.Logical = append(l.Logical, logical{name, "member"})
		}
		if l.Physical != nil || l.Logical != nil {
			x.Locations = []location{l}
		}
		out.Results = append(out.Results, x)
	}
	out.Tool.Driver = d
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []run{out}})
}
