package g1batch

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel calls f(0), .., f(tasks-1) from at most GOMAXPROCS goroutines, the caller's being one of them, and returns
// when all calls have returned. The order is unspecified.
func Parallel(tasks int, f func(task int)) {
	workers := min(runtime.GOMAXPROCS(0), tasks)
	if workers <= 1 {
		for t := range tasks {
			f(t)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	work := func() {
		for {
			t := int(next.Add(1)) - 1
			if t >= tasks {
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

// Ranges cuts [0, n) in equal pieces of at most size and calls f(lo, hi) for each of them as [Parallel] does.
func Ranges(n, size int, f func(lo, hi int)) {
	tasks := (n + size - 1) / size
	Parallel(tasks, func(t int) { f(n*t/tasks, n*(t+1)/tasks) })
}
