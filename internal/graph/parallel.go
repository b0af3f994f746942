package graph

import (
	"runtime"
	"sync"
)

// parallel calls f on consecutive ranges that cover 0..n, at once if there are several of at least grain entries. Each index
// is one range's, so results do not depend on the number of workers.
func parallel(n, grain int, f func(lo, hi int)) {
	workers := min(runtime.GOMAXPROCS(0), n/max(grain, 1))
	if workers <= 1 {
		f(0, n)
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { f(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}
