package graph

import "testing"

func TestRemoveNoops(t *testing.T) {
	g := newNet().input("x", 2, 1, 3).ints("p", 0, 0, 0, 0, 0, 0).ints("s", 2, 1, 3).ints("st", 0).ints("en", 99).ints("one", 1).
		op("Pad x p -> a").op("Reshape a s -> b").op("Slice b st en -> c").op("Concat c -> d", "axis", int64(0)).
		op("Transpose d -> e", "perm", []int64{0, 1, 2}).op("Max e -> f").op("Expand f s -> g").op("Relu g -> h").op("Sum h -> y").build(t, "y")
	passKeeps(t, g, removeNoops, "Relu")
	g = newNet().input("x", 3, 3).ints("st", -1).ints("en", -9).ints("ax", 0).ints("step", -1).
		op("Transpose x -> a").op("Slice a st en ax step -> y").build(t, "y")
	passKeeps(t, g, removeNoops, "Transpose Slice") // the same shape is not the same order
	g = newNet().input("x", 3).op("Sum x -> y").build(t, "y")
	passKeeps(t, g, removeNoops, "")
	if g.Outputs[0] != g.Inputs[0] || g.OutputNames[0] != "y" {
		t.Error("the output is the input under its own name")
	}
}
