package report

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"slices"
)

// Sizes of the picture, in pixels.
const (
	boxWidth  = 190
	boxHeight = 46
	gapX      = 24
	gapY      = 34
	margin    = 20
)

// box is a node of the picture: an input, a node or an output of the network.
type box struct {
	title, line, tip string
	class            string
	reads            []string // names of tensors
	makes            []string
	layer, column    int
	x, y             int
}

// boxes lists what is drawn, in order of evaluation.
func (r *Report) boxes() []*box {
	var out []*box
	for i := range r.Inputs {
		v := &r.Inputs[i]
		out = append(out, &box{title: "Input", line: v.Name, tip: v.dims(), class: "io", makes: []string{v.Name}})
	}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		b := &box{title: n.Op, line: n.Name, reads: n.Inputs, class: map[Status]string{Supported: "free", Unsupported: "bad", Unreached: "lost"}[n.Status]}
		if n.Lookups > 0 {
			b.class = "paid"
		}
		b.tip = n.Gadget
		if n.Reason != "" {
			b.tip = n.Reason
		}
		for i := range n.Outputs {
			b.makes = append(b.makes, n.Outputs[i].Name)
			b.tip += "\n" + n.Outputs[i].Name + " " + n.Outputs[i].dims()
		}
		if n.Lookups > 0 {
			b.tip += fmt.Sprintf("\n%d lookups, %d values", n.Lookups, n.Committed)
		}
		out = append(out, b)
	}
	for i := range r.Outputs {
		v := &r.Outputs[i]
		out = append(out, &box{title: "Output", line: v.Name, tip: v.dims(), class: "io", reads: []string{v.Name}})
	}
	return out
}

// place puts every box one layer below the lowest box that it reads, and in that layer below the middle of what it reads
// as far as there is room.
func place(boxes []*box) (width, height int, makers map[string]*box) {
	makers = map[string]*box{}
	used := map[int]map[int]bool{}
	columns, layers := 1, 1
	for _, b := range boxes {
		want, n := 0, 0
		for _, name := range b.reads {
			if m := makers[name]; m != nil {
				b.layer = max(b.layer, m.layer+1)
				want, n = want+m.column, n+1
			}
		}
		if n > 0 {
			want /= n
		}
		if used[b.layer] == nil {
			used[b.layer] = map[int]bool{}
		}
		for b.column = want; used[b.layer][b.column]; {
			b.column++
		}
		used[b.layer][b.column] = true
		columns, layers = max(columns, b.column+1), max(layers, b.layer+1)
		b.x, b.y = margin+b.column*(boxWidth+gapX), margin+b.layer*(boxHeight+gapY)
		for _, name := range b.makes {
			makers[name] = b
		}
	}
	return 2*margin + columns*(boxWidth+gapX) - gapX, 2*margin + layers*(boxHeight+gapY) - gapY, makers
}

const style = `text{font:12px sans-serif;fill:#222}.t{font-weight:bold}path{fill:none;stroke:#999}rect{stroke:#666;rx:4px}` +
	`.io rect{fill:#dde8f7}.free rect{fill:#eef7ea}.paid rect{fill:#fff3cf}.bad rect{fill:#f6c6c0}.lost rect{fill:#ececec}`

// WriteSVG draws the network: boxes in layers, an edge for each tensor. Green nodes cost nothing, yellow ones have lookups,
// red ones are not supported, grey ones depend on red ones. Tips have the details.
func WriteSVG(w io.Writer, r *Report) (int64, error) {
	var b bytes.Buffer
	r.svg(&b)
	return b.WriteTo(w)
}

func (r *Report) svg(w *bytes.Buffer) {
	boxes := r.boxes()
	width, height, makers := place(boxes)
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"><style>%s</style>`+"\n",
		width, height, width, height, style)
	for _, b := range boxes {
		for _, name := range b.reads {
			if m := makers[name]; m != nil && m != b {
				x1, y1, x2, y2 := m.x+boxWidth/2, m.y+boxHeight, b.x+boxWidth/2, b.y
				fmt.Fprintf(w, `<path d="M%d %dC%d %d %d %d %d %d"/>`+"\n", x1, y1, x1, y1+gapY, x2, y2-gapY, x2, y2)
			}
		}
	}
	for _, b := range boxes {
		fmt.Fprintf(w, `<g class="%s"><title>%s</title><rect x="%d" y="%d" width="%d" height="%d"/>`, b.class, escape(b.tip), b.x, b.y, boxWidth, boxHeight)
		fmt.Fprintf(w, `<text class="t" x="%d" y="%d">%s</text><text x="%d" y="%d">%s</text></g>`+"\n",
			b.x+8, b.y+19, escape(short(b.title)), b.x+8, b.y+36, escape(short(b.line)))
	}
	w.WriteString("</svg>\n")
}

// short fits a name into a box: its end tells more than its beginning.
func short(s string) string {
	r := []rune(printable(s))
	if len(r) > 27 {
		return ".." + string(slices.Clone(r[len(r)-25:]))
	}
	return string(r)
}

func escape(s string) string {
	r := []rune(s)
	for i := range r {
		if r[i] != '\n' && (r[i] < ' ' || r[i] == 0xFFFE || r[i] == 0xFFFF) { // not allowed in XML
			r[i] = '?'
		}
	}
	return html.EscapeString(string(r))
}

// WriteHTML writes a page without scripts or references to other files: the summary, the picture and the table.
func WriteHTML(w io.Writer, title string, r *Report) (int64, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>%s</title><style>body{font:14px sans-serif;margin:2em}`+
		`pre{overflow:auto}div{overflow:auto;max-height:70vh;border:1px solid #ccc}</style><h1>%s</h1>`, escape(title), escape(title))
	fmt.Fprintf(&b, "<pre>%s</pre><div>", escape(r.Summary()))
	r.svg(&b)
	fmt.Fprintf(&b, "</div><pre>%s</pre></html>\n", escape(r.String()))
	return b.WriteTo(w)
}
