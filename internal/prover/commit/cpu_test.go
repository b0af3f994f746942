package commit

import (
	"syscall"
	"testing"
)

func cpuNow() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Nano() + r.Stime.Nano())
}
func perCPU(b *testing.B, f func(), n int) {
	t := cpuNow()
	for b.Loop() {
		f()
	}
	b.ReportMetric((cpuNow()-t)/float64(b.N*n), "cpu-ns/scalar")
	perScalar(b, n)
}
