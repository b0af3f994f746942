package audit

import (
	"io"

	"github.com/ezkl-go/ezkl/internal/sarif"
)

// WriteSARIF writes the checks as a SARIF log: one rule and one result for each. Checks that pass are results of kind pass,
// so that a reader sees what has been looked at.
func (r *Report) WriteSARIF(w io.Writer) error {
	log := sarif.Log{Tool: "ezkl audit", Version: r.Version}
	for i := range r.Checks {
		c := &r.Checks[i]
		log.Rules = append(log.Rules, sarif.Rule{ID: c.ID, Short: c.Title, Tags: c.Class})
		x := sarif.Result{Rule: c.ID, Kind: sarif.Fail, Level: sarif.None, Message: c.Title + ": " + c.Detail, File: r.Circuit.File, Names: c.Where}
		switch c.Verdict {
		case Pass:
			x.Kind = sarif.Pass
		case Skipped:
			x.Kind = sarif.NotApplicable
		case Note:
			x.Kind = sarif.Informational
		case Warning:
			x.Level = sarif.Warning
		default:
			x.Level = sarif.Error
		}
		log.Results = append(log.Results, x)
	}
	return log.Write(w)
}
