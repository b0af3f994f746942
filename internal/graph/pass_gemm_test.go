package graph

import "testing"

func TestNormalGemm(t *testing.T) {
	g := newNet().input("x", 2, 3).weights("w", 4, 3).weights("c", 4).
		op("Gemm x w c -> y", "transB", int64(1), "alpha", 0.5, "beta", 2.0).op("Gemm x w -> z", "transB", int64(1)).build(t, "y", "z")
	passKeeps(t, g, normalGemm, "Gemm Gemm")
	for _, n := range g.Nodes {
		if p, err := GemmOf(n); err != nil || p.Alpha != 1 || p.Beta != 1 || p.TransB {
			t.Errorf("%+v %v", p, err)
		}
	}
	g = newNet().input("x", 2, 3).input("c", 4).weights("w", 3, 4).op("Gemm x w c -> y", "beta", 2.0).build(t, "y")
	passKeeps(t, g, normalGemm, "Gemm") // a variable bias keeps its factor
	if p, _ := GemmOf(g.Nodes[0]); p.Beta != 2 {
		t.Error(p)
	}
}
