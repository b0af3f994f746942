package graph

import "testing"

func TestMergeViews(t *testing.T) {
	g := newNet().input("x", 2, 3, 4).op("Transpose x -> a", "perm", []int64{1, 2, 0}).op("Transpose a -> b", "perm", []int64{2, 1, 0}).op("Relu b -> y").build(t, "y")
	passKeeps(t, g, mergeViews, "Transpose Relu")
	g = newNet().input("x", 2, 3, 4).ints("s", 4, 6).ints("ax", 1).op("Flatten x -> a").op("Reshape a s -> b").op("Unsqueeze b ax -> y").build(t, "y")
	passKeeps(t, g, mergeViews, "Reshape")
	g = newNet().input("x", 2, 1, 4).op("Transpose x -> a", "perm", []int64{1, 0, 2}).op("Flatten a -> y").build(t, "y")
	passKeeps(t, g, mergeViews, "Reshape") // an axis of length 1 moves nothing
	g = newNet().input("x", 2, 3).op("Flatten x -> a").op("Relu a -> b").op("Flatten b -> y").op("Neg a -> z").build(t, "y", "z")
	passKeeps(t, g, mergeViews, "Flatten Relu Flatten Neg")
}
