package evm

import (
	"math/rand"
	"testing"

	"github.com/ezkl-go/ezkl/internal/poly"
)

// TestLt: lt is the MLE of [index < d], for all bounds of up to 6 bits and some longer ones.
func TestLt(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	for n := 1; n <= 11; n++ {
		for d := 0; d <= 1<<n; d++ {
			if n > 6 && rng.Intn(1<<(n-6)) > 0 {
				continue
			}
			b := newBench(rng, n)
			p, x := b.point(0, n)
			want := poly.Lt(d, x)
			if got := b.value(t, b.c.lt(d, p)); got != want {
				t.Fatalf("lt %d of %d bits differs", d, n)
			}
		}
	}
}
