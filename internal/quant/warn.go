package quant

import (
	"fmt"
	"strings"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// poorBits is how many bits the largest value of an input column should have, at least.
const poorBits = 7

// Warnings says what makes scales from these statistics a bad guess: tensors that were all zero, and input columns of
// magnitudes so different that one scale leaves little of the small ones. unit gives the unit of each input.
func (s *Stats) Warnings(g *graph.Graph, unit func(input int) float64) []string {
	var out, zero []string
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if m, known := s.Max[nameOf(v)]; known && m == 0 && v.Type.IsFloat() {
				zero = append(zero, n.String())
				break
			}
		}
	}
	if len(zero) > 0 {
		rest := ""
		if len(zero) > 4 {
			rest, zero = fmt.Sprintf(" and %d more", len(zero)-4), zero[:4]
		}
		out = append(out, fmt.Sprintf("all zero on the samples, so the range is a guess: %s%s (use more, or other, samples)", strings.Join(zero, ", "), rest))
	}
	for k, v := range g.Inputs {
		if !v.Type.IsFloat() {
			continue
		}
		columns := s.Columns[v.Name]
		large, small := -1, -1
		for i, m := range columns {
			if large < 0 || m > columns[large] {
				large = i
			}
			if m > 0 && (small < 0 || m < columns[small]) {
				small = i
			}
		}
		if small < 0 || columns[small] == columns[large] {
			continue
		}
		if left := columns[small] / unit(k); left < 1<<poorBits {
			poor := 0
			for _, m := range columns {
				if m > 0 && m/unit(k) < 1<<poorBits {
					poor++
				}
			}
			out = append(out, fmt.Sprintf("input %q: its columns share one scale but not one magnitude: column %d goes up to %.3g, column %d to %.3g, which leaves "+
				"%d columns fewer than %d bits (scale the columns to like ranges in the network's data)", v.Name, large, columns[large], small, columns[small], poor, poorBits))
		}
	}
	return out
}

func nameOf(v *graph.Value) string {
	if v == nil {
		return ""
	}
	return v.Name
}
