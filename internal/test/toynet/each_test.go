package toynet

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// TestEach: Each visits exactly the index tuples, inside the bounds, at which the relation's definition holds, once each.
func TestEach(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 2000 {
		n := func() int { return 1 + rng.Intn(7) }
		a := circuit.AxisRelation{Kind: circuit.AxisKind(rng.Intn(5))}
		var lens []int
		switch a.Kind {
		case circuit.Same:
			k := n()
			lens = []int{k, k}
		case circuit.Window:
			lens = []int{n(), n(), n()}
			a.Params = []int64{int64(1 + rng.Intn(3)), int64(1 + rng.Intn(3)), int64(rng.Intn(7) - 3)}
		case circuit.Affine:
			lens = []int{n(), n()}
			a.Params = []int64{int64(rng.Intn(9) - 3), int64(rng.Intn(7) - 3)}
		case circuit.Index:
			lens = []int{n(), n()}
			for range lens[0] {
				a.Params = append(a.Params, int64(rng.Intn(lens[1]+1)-1))
			}
		case circuit.Reshape:
			x, y, z := n(), n(), n()
			lens = [][]int{{x * y, y, x}, {x, y * z, x * y, z}, {x * y * z, z, y, x}, {x, x}}[rng.Intn(4)]
			a.Params = []int64{int64(map[int]int{3: 1, 4: 2, 2: 1}[len(lens)])}
			if len(lens) == 4 && lens[0] == x*y*z {
				a.Params[0] = 1
			}
			left, right := circuit.Count(lens[:a.Params[0]]), circuit.Count(lens[a.Params[0]:])
			if left != right {
				t.Fatal("a bad test")
			}
		}
		r := &circuit.Relation{Letters: letters(lens...)}
		for i := range lens {
			a.Letters = append(a.Letters, circuit.Letter(i))
		}
		seen := map[string]int{}
		a.Each(r.Letters, func(at []int) { seen[fmt.Sprint(at)]++ })
		at := make([]int, len(lens))
		want := 0
		var loop func(i int)
		loop = func(i int) {
			if i < len(lens) {
				for at[i] = range lens[i] {
					loop(i + 1)
				}
				at[i] = 0
				return
			}
			if holds(r, &a, at) {
				want++
				if seen[fmt.Sprint(at)] != 1 {
					t.Errorf("%+v over %v: %v is visited %d times", a, lens, slices.Clone(at), seen[fmt.Sprint(at)])
				}
			}
		}
		loop(0)
		if len(seen) != want {
			t.Errorf("%+v over %v: %d tuples, not %d", a, lens, len(seen), want)
		}
	}
}
