package parallel

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// TestRanges counts how often each index is visited.
func TestRanges(t *testing.T) {
	for _, procs := range []int{1, 3} {
		old := runtime.GOMAXPROCS(procs)
		for _, n := range []int{0, 1, 2, 7, 100, 1000} {
			for _, grain := range []int{0, 1, 3, 100, 5000} {
				seen := make([]atomic.Int32, n)
				Ranges(n, grain, func(lo, hi int) {
					if hi-lo < min(n, grain/2) || hi <= lo {
						t.Errorf("%d by %d: a piece of %d", n, grain, hi-lo)
					}
					for i := lo; i < hi; i++ {
						seen[i].Add(1)
					}
				})
				for i := range seen {
					if seen[i].Load() != 1 {
						t.Fatalf("%d by %d: index %d visited %d times", n, grain, i, seen[i].Load())
					}
				}
			}
		}
		runtime.GOMAXPROCS(old)
	}
}
