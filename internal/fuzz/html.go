package fuzz

import (
	"html/template"
	"io"
)

// HTML writes the report as one page without scripts or links to elsewhere.
func (r *Report) HTML(w io.Writer) error { return page.Execute(w, r) }

var page = template.Must(template.New("fuzz").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>ezkl fuzz</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;width:100%}th,td{padding:.3em .6em;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}small{color:#666}.bad{color:#b00;font-weight:bold}.good{color:#060;font-weight:bold}
details{margin:.2em 0}code{background:#f4f4f4;padding:0 .2em;word-break:break-all}
</style></head><body>
<h1>ezkl fuzz</h1>
<p>{{if .Clean}}<span class="good">Nothing found</span>{{else}}<span class="bad">{{len .Findings}} findings</span>{{end}}
in {{.Total.Tried}} tries. Transcript {{.Transcript}}, seed {{.Seed}}, verifiers {{range $i, $v := .Verifiers}}{{if $i}}, {{end}}{{$v}}{{end}}.</p>
<table><tr><th>campaign</th><th>tried</th><th>rejected</th><th>legal</th><th>accepted</th><th>failed</th><th>crashed</th><th>timeouts</th><th>seconds</th></tr>
{{range .Rows}}<tr><td>{{.Campaign}}<br><small>{{.About}}{{with .Note}}; {{.}}{{end}}</small></td><td>{{.Tried}}</td><td>{{.Rejected}}</td><td>{{.Legal}}</td>
<td{{if .Accepted}} class="bad"{{end}}>{{.Accepted}}</td><td{{if .Failed}} class="bad"{{end}}>{{.Failed}}</td><td{{if .Crashed}} class="bad"{{end}}>{{.Crashed}}</td>
<td{{if .Timeouts}} class="bad"{{end}}>{{.Timeouts}}</td><td>{{printf "%.1f" .Seconds}}</td></tr>
{{end}}</table>
<p>Rejected: refused, as a changed thing must be. Legal: an honest input that passed, or a change that says nothing false.
Accepted, failed, crashed and timeouts are findings.</p>
{{with .Accuracy}}<h2>Honest inputs</h2><p>{{.Inputs}} inputs with a witness, {{.Proven}} of them proven and verified; {{.Refused}} refused as out of range.
Worst error against the float network {{printf "%.3g" .WorstError}} ({{.WorstFamily}}){{if .WorstInput}}: <code>{{.WorstInput}}</code>{{end}}.
{{if .Labels}}{{.Flips}} of {{.Labels}} labels differ{{if .Flips}} ({{.FlipFamily}}): <code>{{.FlipInput}}</code>{{end}}.{{end}}</p>{{end}}
{{with .SelfCheck}}<h2>Self-check</h2><p>{{.}}</p>{{end}}
{{with .Speed}}<p>{{printf "%.0f" .RunsPerSecond}} runs a second with one key; {{printf "%.2f" .FreshKeys}} with fresh keys for each run ({{printf "%.0f" .Ratio}} times).</p>{{end}}
{{range .Notes}}<p>Note: {{.}}</p>{{end}}
{{if .Findings}}<h2>Findings</h2>{{range .Findings}}<details open><summary class="bad">{{.Verdict}}: {{.Target}} {{.Operator}}</summary>
<p>{{.Campaign}}, <code>{{.Field}}</code>: {{.Text}}{{with .File}}<br>Reproducer: <code>{{.}}</code>{{end}}</p></details>{{end}}{{end}}
<h2>What was tried</h2>{{range .Rows}}<details><summary>{{.Campaign}}</summary><table>{{range $k, $v := .By}}<tr><td>{{$k}}</td><td>{{$v}}</td></tr>{{end}}</table></details>{{end}}
</body></html>
`))
