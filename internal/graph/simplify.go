package graph

import "fmt"

// Pass is one simplification. Run changes g, keeping what it computes up to float rounding, and reports whether it did.
type Pass struct {
	Name string
	Run  func(g *Graph) (bool, error)
}

// Passes are the simplifications, in the order in which Simplify runs them.
var Passes = []Pass{
	{"noops", removeNoops},
	{"views", mergeViews},
	{"gemm", normalGemm},
	{"batchnorm", foldBatchNorm}, // after gemm: it wants transB = 0
}

// Simplify runs the passes until none changes anything, removes what is dead by then and checks the graph.
func Simplify(g *Graph) error {
	for round, changed := 0, true; changed && round < 8; round++ {
		changed = false
		for _, p := range Passes {
			did, err := p.Run(g)
			if err != nil {
				return fmt.Errorf("pass %s: %w", p.Name, err)
			}
			if did {
				changed = true
				g.removeDead()
			}
		}
	}
	return g.Check()
}
