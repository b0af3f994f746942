package graph

import "testing"

func TestFoldBatchNorm(t *testing.T) {
	norm := func() *net {
		return newNet().weights("s", 4).weights("b", 4).weights("m", 4).weights("v", 4).weights("cb", 4)
	}
	const bn = "BatchNormalization c s b m v -> d"
	for _, c := range []struct {
		name string
		net  *net
		want string
	}{
		{"conv", norm().input("x", 1, 2, 5, 5).weights("w", 4, 2, 3, 3).op("Conv x w -> c").op(bn), "Conv"},
		{"conv with bias", norm().input("x", 1, 2, 5, 5).weights("w", 4, 1, 3, 3).op("Conv x w cb -> c", "group", int64(2)).op(bn), "Conv"},
		{"transposed", norm().input("x", 1, 6, 3, 3).weights("w", 6, 2, 2, 2).op("ConvTranspose x w cb -> c", "group", int64(2)).op(bn), "ConvTranspose"},
		{"gemm", norm().input("x", 2, 3).weights("w", 3, 4).weights("k", 2, 4).op("Gemm x w k -> c").op(bn), "Gemm"},
		{"gemm scalar bias", norm().input("x", 2, 3).weights("w", 3, 4).weights("k", 1).op("Gemm x w k -> c").op(bn), "Gemm"},
		{"twice", norm().input("x", 1, 2, 5, 5).weights("w", 4, 2, 3, 3).op("Conv x w -> c").op("BatchNormalization c s b m v -> e").
			op("BatchNormalization e s b m v -> d"), "Conv"},
		{"first read twice", norm().input("x", 1, 2, 5, 5).weights("w", 4, 2, 3, 3).op("Conv x w -> c").op("BatchNormalization c s b m v -> e").
			op("BatchNormalization e s b m v -> f").op("Add e f -> d"), "Conv BatchNormalization Add"},
		{"conv read twice", norm().input("x", 1, 2, 5, 5).weights("w", 4, 2, 3, 3).op("Conv x w -> c").op("BatchNormalization c s b m v -> e").
			op("Add c e -> d"), "Conv BatchNormalization Add"},
		{"variable kernel", norm().input("x", 1, 2, 5, 5).input("w", 4, 2, 3, 3).op("Conv x w -> c").op(bn), "Conv BatchNormalization"},
		{"variable bias", norm().input("x", 1, 2, 5, 5).input("k", 4).weights("w", 4, 2, 3, 3).op("Conv x w k -> c").op(bn), "Conv BatchNormalization"},
		{"nothing before", norm().input("c", 1, 4, 5, 5).op(bn), "BatchNormalization"},
		{"weights shared", norm().input("x", 1, 2, 5, 5).weights("w", 4, 2, 3, 3).op("Conv x w -> c").op("BatchNormalization c s b m v -> e").
			op("Conv x w -> f").op("Add e f -> d"), "Conv Conv Add"},
	} {
		t.Run(c.name, func(t *testing.T) { passKeeps(t, c.net.build(t, "d"), foldBatchNorm, c.want) })
	}
}
