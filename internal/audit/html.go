package audit

import (
	_ "embed"
	"html/template"
	"io"
	"sync"
)

//go:embed report.html
var page string

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("report").Parse(page)) })

// WriteHTML writes one page that needs nothing else: no script, no font, no network.
func (r *Report) WriteHTML(w io.Writer) error {
	return pageTemplate().Execute(w, struct {
		*Report
		HalfBits int
	}{r, halfBits})
}
