package robust

import (
	"bytes"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/page"
)

//go:embed report.html
var body string

var pageTemplate = page.Parse(body, template.FuncMap{
	"plot": func(p Plot) template.HTML { return template.HTML(p.svg()) },
	"number": func(r Row, column string) string {
		if v, ok := r.Numbers[column]; ok {
			return v.String()
		}
		return ""
	},
})

// WriteHTML writes one page that needs nothing else: curves are inline SVG, pictures are inline PNG.
func (r *Report) WriteHTML(w io.Writer) error {
	return pageTemplate.Execute(w, r)
}

// Pictures are a sample and the input that was made from it, for the page; nil if inputs are no pictures.
func (r *Report) Pictures(h Hit) []template.URL {
	m := asPicture(r.Shape)
	if m.flat() || h.from == nil || h.X == nil || m.c == 2 {
		return nil
	}
	lo, width := r.Range[0], r.Range[1]-r.Range[0]
	diff := make([]float64, len(h.X))
	for i := range diff {
		diff[i] = lo + width/2 + (h.X[i]-h.from[i])/2
	}
	return []template.URL{drawPNG(m, h.from, lo, width), drawPNG(m, h.X, lo, width), drawPNG(m, diff, lo, width)}
}

// Changes tells the largest changes of an input that is no picture.
func (r *Report) Changes(h Hit) string {
	if h.from == nil || len(h.from) != len(h.X) {
		return ""
	}
	order := make([]int, len(h.X))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		d := math.Abs(h.X[b]-h.from[b]) - math.Abs(h.X[a]-h.from[a])
		return int(sgn(d))
	})
	var out []string
	for _, i := range order[:min(4, len(order))] {
		if h.X[i] != h.from[i] {
			out = append(out, fmt.Sprintf("x[%d]: %.4g to %.4g", i, h.from[i], h.X[i]))
		}
	}
	return strings.Join(out, ", ")
}

// drawPNG is a picture as a data URI, grey or in colours.
func drawPNG(m picture, x []float64, lo, width float64) template.URL {
	img := image.NewRGBA(image.Rect(0, 0, m.w, m.h))
	level := func(c, y, u int) uint8 {
		return uint8(math.Round(255 * min(max((x[m.at(min(c, m.c-1), y, u)]-lo)/width, 0), 1)))
	}
	for y := range m.h {
		for u := range m.w {
			img.SetRGBA(u, y, color.RGBA{level(0, y, u), level(1, y, u), level(2, y, u), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
}

// colours of curves, told apart also without colour vision.
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5a6675"}

// svg draws the curves with their bands.
func (p Plot) svg() string {
	const width, height, left, bottom, top, right = 380, 240, 46, 40, 12, 20
	most := 0.0
	for _, c := range p.Curves {
		for _, q := range c.Points {
			most = max(most, q[0])
		}
	}
	if most == 0 {
		most = 1
	}
	x := func(v float64) float64 { return left + v/most*(width-left-right) }
	y := func(v float64) float64 { return height - bottom - v*(height-bottom-top) }
	path := func(points []Point) string {
		var b strings.Builder
		for _, q := range points {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(q[0]), y(q[1]))
		}
		return b.String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, template.HTMLEscapeString(p.Title))
	for k := 0; k <= 4; k++ {
		v := float64(k) / 4
		fmt.Fprintf(&b, `<path class="grid" d="M%d %.1fH%d"/><text x="%d" y="%.1f" text-anchor="end">%.2f</text>`, left, y(v), width-right, left-5, y(v)+4, v)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%.3g</text>`, x(v*most), height-bottom+14, v*most)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`, (width+left)/2, height-bottom+30, template.HTMLEscapeString(p.X))
	for i, c := range p.Curves {
		colour := colours[i%len(colours)]
		if c.Lo != nil {
			back := slices.Clone(c.Hi)
			slices.Reverse(back)
			fmt.Fprintf(&b, `<polygon points="%s%s" fill="%s" opacity=".13"/>`, path(c.Lo), path(back), colour)
		}
		dash := ""
		if i%2 == 1 {
			dash = ` stroke-dasharray="5 3"`
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.8"%s/>`, path(c.Points), colour, dash)
	}
	b.WriteString(`</svg><figcaption>` + template.HTMLEscapeString(p.Title) + `: `)
	for i, c := range p.Curves {
		fmt.Fprintf(&b, `<span style="color:%s">%s</span> `, colours[i%len(colours)], template.HTMLEscapeString(c.Name))
	}
	b.WriteString(`</figcaption></figure>`)
	return b.String()
}
