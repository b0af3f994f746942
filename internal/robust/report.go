package robust

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
)

// Report is what a run found.
type Report struct {
	Tool    string     `json:"tool"`
	Version string     `json:"version"`
	Seed    uint64     `json:"seed"`
	Model   File       `json:"model"`
	Data    File       `json:"data"`
	Task    Task       `json:"task"`
	Shape   []int      `json:"shape"`
	Samples int        `json:"samples"`
	Range   [2]float64 `json:"range"` // of input entries, in which every search stays
	Scales  string     `json:"scales"`
	Clean   []Row      `json:"clean"` // accuracy on the data as it is

	Sections []*Section `json:"sections"`
	Usage    []Usage    `json:"usage"`
	Seconds  float64    `json:"seconds"`
	Verdict  string     `json:"verdict"`
	Limits   []string   `json:"limits"`
}

// File names a file and its SHA-256.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Section is the result of one check.
type Section struct {
	Check    string    `json:"check"`
	Title    string    `json:"title"`
	Access   string    `json:"access"`            // what whoever tries this must have
	Strength string    `json:"strength"`          // what At means in the rows
	Measure  string    `json:"measure"`           // what Rate means in the rows
	Columns  []string  `json:"columns,omitempty"` // further numbers of the rows, in order
	Rows     []Row     `json:"rows,omitempty"`
	Plots    []Plot    `json:"plots,omitempty"`
	Findings []Finding `json:"findings"`
	Worst    []Hit     `json:"worst,omitempty"`
	Limits   []string  `json:"limits"`
	Skipped  []string  `json:"skipped,omitempty"`

	Hits []Hit `json:"-"` // written as JSON lines

	kept int // entries of the hits' inputs
}

// Row is one measurement.
type Row struct {
	Model   string             `json:"model"` // float or integer
	Method  string             `json:"method"`
	At      Number             `json:"at"`
	Rate    Rate               `json:"rate"`
	Numbers map[string]Number  `json:"numbers,omitempty"`
	Labels  map[string]float64 `json:"by_label,omitempty"`
}

// Number is a number that JSON may lack: NaN and infinities become null.
type Number float64

// MarshalJSON writes the number, or null.
func (n Number) MarshalJSON() ([]byte, error) {
	if f := float64(n); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// String is the number with four digits, or a dash.
func (n Number) String() string {
	if f := float64(n); math.IsNaN(f) || math.IsInf(f, 0) {
		return "-"
	}
	return fmt.Sprintf("%.4g", float64(n))
}

// Finding is a statement with a verdict: pass, fail or note.
type Finding struct {
	Verdict string `json:"verdict"`
	ID      string `json:"id"`
	Text    string `json:"text"`
}

// Hit is an input that does what it should not.
type Hit struct {
	Check    string    `json:"check"`
	Model    string    `json:"model"`
	Method   string    `json:"method"`
	Norm     string    `json:"norm,omitempty"`
	Budget   Number    `json:"budget,omitempty"` // eps, or the strength
	Index    int       `json:"index"`            // of the sample
	Truth    string    `json:"truth,omitempty"`
	Before   string    `json:"before"` // the answer on the sample
	After    string    `json:"after"`
	Distance Number    `json:"distance"`
	Queries  int       `json:"queries,omitempty"`
	X        []float64 `json:"x,omitempty"`

	from  []float64 // the sample
	right []float64 // what is right for it: a label, or values
}

// Plot is a picture of curves.
type Plot struct {
	Title  string  `json:"title"`
	X      string  `json:"x"`
	Y      string  `json:"y"`
	Curves []Curve `json:"curves"`
}

// Curve is one line of a plot; Lo and Hi, if there, bound its band.
type Curve struct {
	Name   string  `json:"name"`
	Points []Point `json:"points"`
	Lo     []Point `json:"lo,omitempty"`
	Hi     []Point `json:"hi,omitempty"`
}

// Point is a place in a plot.
type Point [2]float64

func (s *Section) find(verdict, id, format string, args ...any) {
	s.Findings = append(s.Findings, Finding{verdict, id, fmt.Sprintf(format, args...)})
}

// maxKept bounds the entries of all inputs that a section keeps: half a gigabyte.
const maxKept = 1 << 26

// hit keeps an input that does what it should not; without the input itself where there are too many.
func (s *Section) hit(h Hit) {
	if s.kept += len(h.X); s.kept > maxKept {
		if s.kept-len(h.X) <= maxKept {
			s.Limits = append(s.Limits, fmt.Sprintf("only the first %d inputs that were found are kept: the rest is counted", len(s.Hits)))
		}
		h.X, h.from = nil, nil
	}
	s.Hits = append(s.Hits, h)
}

// judge is a finding that passes or fails.
func (s *Section) judge(ok bool, id, format string, args ...any) {
	s.find(map[bool]string{true: "pass", false: "fail"}[ok], id, format, args...)
}

// Failed reports whether a finding fails.
func (r *Report) Failed() bool {
	for _, s := range r.Sections {
		for _, f := range s.Findings {
			if f.Verdict == "fail" {
				return true
			}
		}
	}
	return false
}

func (r *Report) verdict() string {
	count := map[string]int{}
	for _, s := range r.Sections {
		for _, f := range s.Findings {
			count[f.Verdict]++
		}
	}
	word := "passed"
	if count["fail"] > 0 {
		word = "FAILED"
	}
	return fmt.Sprintf("%s: %d findings pass, %d fail, %d notes; a pass is what this search did not find, not a proof", word, count["pass"], count["fail"], count["note"])
}

// WriteHits writes every hit as one line of JSON.
func (r *Report) WriteHits(w io.Writer) error {
	enc := json.NewEncoder(w)
	for _, s := range r.Sections {
		for i := range s.Hits {
			if err := enc.Encode(&s.Hits[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteText writes the report for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d samples %v in [%g, %g], task %s, seed %d; %s\n", r.Model.Path, r.Samples, r.Shape, r.Range[0], r.Range[1], r.Task, r.Seed, r.Scales)
	for _, c := range r.Clean {
		fmt.Fprintf(&b, "  %-8s right on %s\n", c.Model, c.Rate)
	}
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n%s (%s)\n", s.Title, s.Access)
		for _, row := range s.Rows {
			fmt.Fprintf(&b, "  %-8s %-22s %-7s %s", row.Model, row.Method, row.At, row.Rate)
			for _, c := range s.Columns {
				if v, ok := row.Numbers[c]; ok {
					fmt.Fprintf(&b, "  %s %s", c, v)
				}
			}
			b.WriteByte('\n')
		}
		for _, f := range s.Findings {
			fmt.Fprintf(&b, "  %-5s %s: %s\n", strings.ToUpper(f.Verdict), f.ID, f.Text)
		}
		for _, t := range s.Skipped {
			fmt.Fprintf(&b, "  SKIPPED %s\n", t)
		}
		for _, t := range s.Limits {
			fmt.Fprintf(&b, "  limit: %s\n", t)
		}
	}
	b.WriteByte('\n')
	for _, u := range r.Usage {
		fmt.Fprintf(&b, "%s network: %d queries, %.0f a second and worker, %d without an answer\n", u.Model, u.Queries, u.Rate, u.Refused)
	}
	fmt.Fprintf(&b, "%s\n", r.Verdict)
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the rate with its interval.
func (r Rate) String() string {
	if r.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f] (%d of %d)", r.P, r.Lo, r.Hi, r.K, r.N)
}

// WriteJSON writes the report as indented JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(r)
}
