package commit

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// points returns n points; with mixed, some are equal, opposite or infinity.
func points(rng *rand.Rand, n int, mixed bool) []bn254.G1Affine {
	_, _, g, _ := bn254.Generators()
	ps := make([]bn254.G1Jac, n)
	var p bn254.G1Jac
	p.FromAffine(&g)
	for i := range ps {
		p.DoubleAssign()
		p.AddMixed(&g)
		ps[i] = p
		if mixed && i > 0 {
			switch rng.IntN(5) {
			case 0:
				ps[i] = ps[rng.IntN(i)]
			case 1:
				ps[i].Neg(&ps[rng.IntN(i)])
			case 2:
				ps[i] = infinity()
			}
		}
	}
	return bn254.BatchJacobianToAffineG1(ps)
}

func equal(a, b bn254.G1Jac) bool { return a.Equal(&b) }

// small draws a signed value of at most b bits.
func small(rng *rand.Rand, b int) int64 {
	v := int64(rng.Uint64() & (1<<b - 1))
	if rng.IntN(2) == 0 {
		return -v
	}
	return v
}

func TestSmall(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, mixed := range []bool{false, true} {
		ps := points(rng, 600, mixed)
		for _, n := range []int{0, 1, 2, 3, 31, 600} {
			for _, b := range []int{1, 2, 3, 7, 8, 12, 15, 16, 17, 20, 31, 33, 47, 62, 63} {
				for _, zeros := range []int{0, 1, 20} { // one in 1+zeros is not 0
					vs := make([]int64, n)
					for i := range vs {
						if rng.IntN(1+zeros) == 0 {
							vs[i] = small(rng, b)
						}
					}
					if !equal(Small(ps, vs), NaiveSmall(ps, vs)) {
						t.Fatalf("mixed=%v n=%d bits=%d zeros=%d: wrong sum", mixed, n, b, zeros)
					}
				}
			}
		}
	}
}

func TestSmallExtremes(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	ps := points(rng, 300, true)
	const m = 1<<62 - 1
	for name, pick := range map[string]func(i int) int64{
		"zeros":       func(int) int64 { return 0 },
		"ones":        func(int) int64 { return 1 },
		"minus ones":  func(int) int64 { return -1 },
		"2^62-1":      func(int) int64 { return m },
		"-2^62+1":     func(int) int64 { return -m },
		"both":        func(i int) int64 { return m * int64(1-2*(i&1)) },
		"min int64":   func(int) int64 { return math.MinInt64 },
		"max int64":   func(int) int64 { return math.MaxInt64 },
		"one huge":    func(i int) int64 { return map[bool]int64{true: m, false: 1}[i == 7] },
		"powers of 2": func(i int) int64 { return 1 << (i % 63) },
		"2^15":        func(int) int64 { return 1 << 15 },
		"half digits": func(i int) int64 { return 0x0080_8080_8080_8080 >> (i % 9) },
	} {
		vs := make([]int64, len(ps))
		for i := range vs {
			vs[i] = pick(i)
		}
		if !equal(Small(ps, vs), NaiveSmall(ps, vs)) {
			t.Errorf("%s: wrong sum", name)
		}
	}
	for _, p := range [][]bn254.G1Affine{{ps[0], ps[0]}, {{}, {}}, {{}, ps[1]}, {ps[1], *new(bn254.G1Affine).Neg(&ps[1])}} {
		for _, v := range [][]int8{{1, 1}, {-128, -128}, {127, -128}, {5, -5}} {
			if !equal(Small(p, v), NaiveSmall(p, v)) {
				t.Errorf("points %v, scalars %v: wrong sum", p, v)
			}
		}
	}
}

func TestSmallRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	ps := points(rng, 1<<8+1, false)
	for _, c := range []struct{ rowLen, n int }{{1, 1}, {1, 5}, {2, 5}, {7, 0}, {64, 64 * 20}, {256, 256*9 + 17}, {300, 200}} {
		vs := make([]int32, c.n)
		for i := range vs {
			vs[i] = int32(small(rng, []int{1, 8, 15, 31, 0}[i/c.rowLen%5]))
		}
		got := SmallRows(ps, vs, c.rowLen)
		for r, g := range got {
			if !equal(g, NaiveSmall(ps, vs[r*c.rowLen:min((r+1)*c.rowLen, c.n)])) {
				t.Fatalf("rowLen=%d n=%d: row %d is wrong", c.rowLen, c.n, r)
			}
		}
		if want := (c.n + c.rowLen - 1) / c.rowLen; len(got) != want || len(Affine(got)) != want {
			t.Fatalf("rowLen=%d n=%d: %d rows, want %d", c.rowLen, c.n, len(got), want)
		}
	}
}

func randomScalars(n int) []fr.Element {
	v := make([]fr.Element, n)
	for i := range v {
		v[i].MustSetRandom()
	}
	return v
}

func TestFull(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	for _, mixed := range []bool{false, true} {
		ps := points(rng, 700, mixed)
		for _, n := range []int{0, 1, 2, 3, 5, 33, 700} {
			vs := randomScalars(n)
			if !equal(Full(ps, vs), NaiveFull(ps, vs)) {
				t.Fatalf("mixed=%v n=%d: wrong sum", mixed, n)
			}
			for i := range vs { // sparse, with extreme values
				switch i % 9 {
				case 0:
					vs[i].SetInt64(-1)
				case 1:
					vs[i].SetInt64(-(1 << 62))
				case 2:
					vs[i].SetUint64(1)
				default:
					vs[i].SetZero()
				}
			}
			if !equal(Full(ps, vs), NaiveFull(ps, vs)) {
				t.Fatalf("mixed=%v n=%d: wrong sparse sum", mixed, n)
			}
		}
	}
}

func TestFullRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	ps := points(rng, 64, true)
	for _, c := range []struct{ rowLen, n int }{{1, 3}, {8, 20}, {64, 64*4 + 1}, {70, 50}} {
		vs := randomScalars(c.n)
		for i := range vs {
			if i/c.rowLen%3 == 1 && i%5 != 0 {
				vs[i].SetZero()
			}
		}
		for r, g := range FullRows(ps, vs, c.rowLen) {
			if !equal(g, NaiveFull(ps, vs[r*c.rowLen:min((r+1)*c.rowLen, c.n)])) {
				t.Fatalf("rowLen=%d n=%d: row %d is wrong", c.rowLen, c.n, r)
			}
		}
	}
}

// TestFullLarge compares with gnark-crypto at sizes where the windows are wide.
func TestFullLarge(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for _, logN := range []int{12, 14} {
		ps, vs := points(rng, 1<<logN, false), randomScalars(1<<logN)
		var want bn254.G1Jac
		if _, err := want.MultiExp(ps, vs, ecc.MultiExpConfig{}); err != nil {
			t.Fatal(err)
		}
		if !equal(Full(ps, vs), want) {
			t.Fatalf("n=2^%d: wrong sum", logN)
		}
	}
}

func TestBlind(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	ps := points(rng, 33, false)
	for _, rows := range []int{0, 1, 40} {
		vs := make([]int16, 32*rows)
		for i := range vs {
			vs[i] = int16(small(rng, 15))
		}
		b := randomScalars(rows)
		if rows > 3 {
			b[3].SetZero()
		}
		got := SmallRows(ps, vs, 32)
		Blind(got, &ps[32], b)
		for r, a := range Affine(got) {
			want, term := NaiveSmall(ps, vs[r*32:(r+1)*32]), bn254.G1Jac{}
			term.FromAffine(&ps[32])
			term.ScalarMultiplication(&term, b[r].BigInt(new(big.Int)))
			want.AddAssign(&term)
			var w bn254.G1Affine
			if w.FromJacobian(&want); !a.Equal(&w) {
				t.Fatalf("%d rows: row %d is wrong", rows, r)
			}
		}
	}
}

// TestWorkers compares the bytes of results with one worker and with several.
func TestWorkers(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	ps, fs, vs := points(rng, 3000, false), randomScalars(3000), make([]int32, 9000)
	for i := range vs {
		vs[i] = int32(small(rng, 16))
	}
	var want []bn254.G1Affine
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(n)
		got := Affine(append(SmallRows(ps, vs, 3000), Full(ps, fs)))
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d workers give other points", n)
		}
	}
}

// TestHammer calls everything from several goroutines at once.
func TestHammer(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	ps := points(rng, 200, true)
	vs, fs := make([]int32, 1000), randomScalars(200)
	for i := range vs {
		vs[i] = int32(small(rng, 16))
	}
	wantRows, wantFull := Affine(SmallRows(ps, vs, 200)), Full(ps, fs)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				for r, a := range Affine(SmallRows(ps, vs, 200)) {
					if !a.Equal(&wantRows[r]) {
						t.Errorf("row %d differs", r)
					}
				}
				if !equal(Full(ps, fs), wantFull) {
					t.Error("full sum differs")
				}
			}
		})
	}
	wg.Wait()
}

func TestPanics(t *testing.T) {
	ps := points(rand.New(rand.NewPCG(9, 1)), 4, false)
	for name, f := range map[string]func(){
		"few points": func() { Small(ps, make([]int8, 5)) },
		"few rows":   func() { SmallRows(ps, make([]int8, 9), 5) },
		"row length": func() { SmallRows(ps, []int8{1}, 0) },
		"full":       func() { Full(ps, make([]fr.Element, 5)) },
		"blinders":   func() { Blind(make([]bn254.G1Jac, 2), &ps[0], make([]fr.Element, 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if s := fmt.Sprint(recover()); len(s) < 24 || s[:24] != "commit: internal error: " {
					t.Errorf("recovered %q", s)
				}
			}()
			f()
		})
	}
}
