package evm

import "testing"

// TestLongSum: a sum of more products than one item holds is a sum of sums.
func TestLongSum(t *testing.T) {
	for _, n := range []int{1, 2, 3, 249, 250, 251, 252, 499, 500, 1000} {
		g := newGraph()
		var pairs []pair
		for i := range n {
			pairs = append(pairs, pair{ref{baseRegister, i}, ref{baseRegister, i + 1}})
		}
		g.sum(pairs...)
		products := 0
		for _, node := range g.nodes {
			for _, it := range node.items {
				for _, o := range it {
					if o.ref != nil && o.ref.node == baseRegister {
						products++
					}
				}
			}
		}
		if products != 2*n {
			t.Errorf("%d products: %d operands", n, products)
		}
	}
}
