package audit

import (
	_ "embed" // the page
	"html/template"
	"io"
	"sync"

	"github.com/ezkl-go/ezkl/internal/page"
)

//go:embed report.html
var body string

var pageTemplate = sync.OnceValue(func() *template.Template { return page.Parse(body, nil) })

// WriteHTML writes the report as one page.
func (r *Report) WriteHTML(w io.Writer) error {
	return pageTemplate().Execute(w, struct {
		*Report
		HalfBits int
	}{r, halfBits})
}
