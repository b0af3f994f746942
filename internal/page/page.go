// Package page is what the HTML reports of `ezkl audit` and `ezkl robust` have in common: one page that needs nothing else, no
// script, no font, no network.
package page

import (
	_ "embed" // the head
	"html/template"
)

//go:embed head.html
var head string

// Parse is a report's template. It begins a page by {{template "head" TITLE}}. It panics on a template that does not parse.
func Parse(body string, functions template.FuncMap) *template.Template {
	return template.Must(template.Must(template.New("page").Funcs(functions).Parse(head)).Parse(body))
}
