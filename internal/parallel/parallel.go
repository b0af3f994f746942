// Package parallel shares loops among the processors. Results never depend on their number, as long as each index writes
// its own place.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Tasks calls f(0), .., f(n-1) from at most GOMAXPROCS goroutines, the caller's being one of them, and returns when all
// calls have returned. The order is unspecified.
func Tasks(n int, f func(task int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for t := range n {
			f(t)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	work := func() {
		for {
			t := int(next.Add(1)) - 1
			if t >= n {
				return
			}
			f(t)
		}
	}
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}

// Ranges cuts [0, n) in a few pieces for each processor, of at least half of grain indices where n allows it, and calls f(lo, hi)
// for each of them as Tasks does. grain is work that is worth a goroutine of its own.
func Ranges(n, grain int, f func(lo, hi int)) {
	pieces := min(4*runtime.GOMAXPROCS(0), (n+max(grain, 1)-1)/max(grain, 1))
	if pieces <= 1 || runtime.GOMAXPROCS(0) == 1 {
		if n > 0 {
			f(0, n)
		}
		return
	}
	Tasks(pieces, func(i int) { f(n*i/pieces, n*(i+1)/pieces) })
}
