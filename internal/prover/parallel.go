package prover

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f on pieces of [0, n) of at least grain each, from up to GOMAXPROCS goroutines.
func parallel(n, grain int, f func(lo, hi int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+grain-1)/max(grain, 1))
	if workers <= 1 {
		if n > 0 {
			f(0, n)
		}
		return
	}
	piece := max(grain, (n+4*workers-1)/(4*workers))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				lo := int(next.Add(int64(piece))) - piece
				if lo >= n {
					return
				}
				f(lo, min(lo+piece, n))
			}
		}()
	}
	wg.Wait()
}
