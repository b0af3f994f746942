package brute

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// TestBounds compares the number of witnesses of random sums of digits with a count by nested loops, where sums may wrap
// modulo the prime and where they may not.
func TestBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, prime := range []int64{97, 1009, 1<<31 - 1, 1<<61 - 1} {
		for range 300 {
			n := 1 + rng.IntN(3)
			c := &circuit.Circuit{Blocks: []circuit.Block{{Name: "x", Role: circuit.Public, Lo: -40, Hi: 40}}}
			r := circuit.Relation{LHS: circuit.Expr{Terms: []circuit.Term{{Coef: -1, Block: 0}, {Coef: rng.Int64N(5) - 2, Block: circuit.None}}}}
			x := rng.Int64N(81) - 40
			for i := range n {
				c.Blocks = append(c.Blocks, circuit.Block{Name: fmt.Sprint(i), Role: circuit.Column})
				c.Tables = append(c.Tables, circuit.Table{Lo: rng.Int64N(9) - 4, Size: 1 << rng.IntN(4), Out: circuit.None})
				c.Slots = append(c.Slots, circuit.Slot{Lookups: []circuit.Lookup{{In: i + 1, Out: circuit.None, Table: i}}})
				r.LHS.Terms = append(r.LHS.Terms, circuit.Term{Coef: rng.Int64N(25) - 12, Block: i + 1})
			}
			c.Relations = []circuit.Relation{r}
			want := 0
			var count func(i int, sum int64)
			count = func(i int, sum int64) {
				if i == n {
					if sum%prime == 0 {
						want++
					}
					return
				}
				for v := range int64(c.Tables[i].Size) {
					count(i+1, sum+r.LHS.Terms[i+2].Coef*(c.Tables[i].Lo+v))
				}
			}
			count(0, r.LHS.Terms[1].Coef-x)
			values := make([][]int64, len(c.Blocks))
			values[0] = []int64{x}
			if got := len(Witnesses(c, prime, values, 1<<20)); got != want {
				t.Fatalf("modulo %d: %d witnesses, not %d: %+v %+v x=%d", prime, got, want, c.Tables, r.LHS, x)
			}
		}
	}
}
