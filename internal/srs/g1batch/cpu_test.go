package g1batch
import ("syscall";"testing";"math/rand/v2";"github.com/consensys/gnark-crypto/ecc/bn254")
func cpuNow() float64 { var r syscall.Rusage; syscall.Getrusage(0,&r); return float64(r.Utime.Nano()+r.Stime.Nano()) }
func BenchmarkCPU(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	points := somePoints(rng, 1<<12, false)
	entries := make([]Entry, 1<<16)
	for i := range entries { entries[i] = Entry(rng.IntN(2 * len(points))) }
	size:=8
	ends := make([]uint32, len(entries)/size)
	for r := range ends { ends[r] = uint32((r + 1) * size) }
	dst := make([]bn254.G1Affine, len(ends))
	b.Run("sum",func(b *testing.B){
	t:=cpuNow()
	for b.Loop() { Sum(dst, points, entries, ends) }
	b.ReportMetric((cpuNow()-t)/float64(b.N*(len(entries)-len(ends))), "cpu-ns/add")})
	a := adders.Get().(*adder)
	for i:=range a.x1 { a.x1[i]=points[i].X; a.y1[i]=points[i].Y; a.x2[i]=points[i+1024].X; a.y2[i]=points[i+1024].Y }
	b.Run("invert",func(b *testing.B){ a.den.Sub(a.x1,a.x2); t:=cpuNow()
	for b.Loop() { a.invert(1024) }
	b.ReportMetric((cpuNow()-t)/float64(b.N*1024), "cpu-ns/add")})
	b.Run("add",func(b *testing.B){ t:=cpuNow()
	for b.Loop() { a.add(1024) }
	b.ReportMetric((cpuNow()-t)/float64(b.N*1024), "cpu-ns/add")})
	b.Run("mul",func(b *testing.B){ t:=cpuNow()
	for b.Loop() { a.pre.Mul(a.x1,a.x2) }
	b.ReportMetric((cpuNow()-t)/float64(b.N*1024), "cpu-ns/add")})
}
