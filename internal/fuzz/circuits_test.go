package fuzz

import (
	"context"
	"testing"
)

// TestCircuits: keys and proofs of other circuits are accepted, each within the powers of the campaign.
func TestCircuits(t *testing.T) {
	n := networks["relu"]
	s, err := n.subject()
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{o: Options{NumRuns: 1}, s: s}
	c, k := e.circuits(), 0
	for x := range c.tries {
		if v, text := x.Run(context.Background()); v != Legal || text != "" {
			t.Errorf("%s: %v: %s", x.Field, v, text)
		}
		if k++; k == c.atLeast {
			break
		}
	}
}
