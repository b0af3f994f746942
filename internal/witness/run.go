package witness

import (
	"math/bits"
	"runtime"
	"sync"
)

// run adds scale-free products along a nest: out[..] += a[..] * b[..]. hi, if not nil, holds the upper words of 128-bit sums.
type run struct {
	loops  []loop
	out    []int64
	hi     []int64
	a, b   []int64
	counts []int // by loop id: current lengths of dependent loops
	kernel func(r *run, k *block2)
}

// block2 is what a kernel does: n2 times n1 products.
type block2 struct {
	o, a, b        int
	n2, o2, a2, b2 int
	n1, o1, a1, b1 int
}

// parallelWork is the number of products from which a second goroutine pays.
const parallelWork = 1 << 16

// execute runs a nest, in parallel where a loop splits the output.
func execute(x *nest, out, hi, a, b []int64) {
	if x.empty {
		return
	}
	loops := x.loops
	if in := &loops[len(loops)-1]; in.b == 0 && in.a != 0 { // kernels expect the scalar in a
		a, b = b, a
		x = swapped(x)
		loops = x.loops
	}
	r := run{loops: loops, out: out, hi: hi, a: a, b: b, kernel: choose(&loops[len(loops)-1], hi != nil)}
	work, at := 1.0, -1
	for i := range loops {
		l := &loops[i]
		work *= float64(l.n)
		if l.split && l.parent < 0 && l.child < 0 && l.n > 1 && (at < 0 || loops[at].n < 4*runtime.GOMAXPROCS(0) && l.n > loops[at].n) {
			at = i
		}
	}
	workers := runtime.GOMAXPROCS(0)
	if at < 0 || workers == 1 || work < parallelWork {
		r.counts = make([]int, x.next)
		r.walk(0, x.o, x.a, x.b)
		return
	}
	n := loops[at].n
	chunks := min(n, workers*4, max(2, int(work/parallelWork)))
	jobs := make(chan int, chunks)
	for i := range chunks {
		jobs <- i
	}
	close(jobs)
	var wg sync.WaitGroup
	for range min(workers, chunks) {
		wg.Go(func() {
			for i := range jobs {
				lo, hi := i*n/chunks, (i+1)*n/chunks
				w := r
				w.counts = make([]int, x.next)
				w.loops = append([]loop(nil), loops...)
				l := &w.loops[at]
				l.n = hi - lo
				if l.table != nil {
					l.table = l.table[lo:hi]
					lo = 0
				}
				w.walk(0, x.o+lo*l.o, x.a+lo*l.a, x.b+lo*l.b)
			}
		})
	}
	wg.Wait()
}

// swapped exchanges the roles of a and b.
func swapped(x *nest) *nest {
	y := *x
	y.a, y.b = x.b, x.a
	y.loops = append([]loop(nil), x.loops...)
	for i := range y.loops {
		l := &y.loops[i]
		l.a, l.b = l.b, l.a
		if l.table != nil {
			t := make([]point, len(l.table))
			for j, p := range l.table {
				t[j] = point{p.o, p.b, p.a, p.n}
			}
			l.table = t
		}
	}
	return &y
}

// walk runs the loops from level d on.
func (r *run) walk(d, o, a, b int) {
	l := &r.loops[d]
	n := l.n
	if l.parent >= 0 {
		n = r.counts[l.id]
	}
	last := len(r.loops) - 1
	if d == last {
		r.kernel(r, &block2{o, a, b, 1, 0, 0, 0, n, l.o, l.a, l.b})
		return
	}
	if l.table == nil {
		if d == last-1 {
			m := &r.loops[last]
			n1 := m.n
			if m.parent >= 0 {
				n1 = r.counts[m.id]
			}
			r.kernel(r, &block2{o, a, b, n, l.o, l.a, l.b, n1, m.o, m.a, m.b})
			return
		}
		for range n {
			r.walk(d+1, o, a, b)
			o, a, b = o+l.o, a+l.a, b+l.b
		}
		return
	}
	for i := range l.table {
		p := &l.table[i]
		if l.child >= 0 {
			r.counts[l.child] = p.n
		}
		r.walk(d+1, o+p.o, a+p.a, b+p.b)
	}
}

// choose picks the kernel for an innermost loop; a is the scalar if only one of a and b is.
func choose(l *loop, wide bool) func(*run, *block2) {
	switch {
	case wide:
		return wideKernel
	case l.o == 0 && l.a == 1 && l.b == 1:
		return dotKernel
	case l.o == 0:
		return sumKernel
	case l.o == 1 && l.a == 0 && l.b == 1:
		return axpyKernel
	case l.o == 1 && l.a == 0:
		return stridedKernel
	default:
		return plainKernel
	}
}

// dotKernel: out += sum a[i] b[i].
func dotKernel(r *run, k *block2) {
	o, a, b := k.o, k.a, k.b
	for range k.n2 {
		x := r.a[a : a+k.n1]
		y := r.b[b : b+k.n1][:len(x)]
		var s0, s1 int64
		for len(x) >= 4 && len(y) >= 4 {
			s0 += x[0]*y[0] + x[1]*y[1]
			s1 += x[2]*y[2] + x[3]*y[3]
			x, y = x[4:], y[4:]
		}
		for i := range x {
			s0 += x[i] * y[i]
		}
		r.out[o] += s0 + s1
		o, a, b = o+k.o2, a+k.a2, b+k.b2
	}
}

// sumKernel: out += sum a[..] b[..] with any strides.
func sumKernel(r *run, k *block2) {
	o, a, b := k.o, k.a, k.b
	for range k.n2 {
		var s int64
		i, j := a, b
		for range k.n1 {
			s += r.a[i] * r.b[j]
			i, j = i+k.a1, j+k.b1
		}
		r.out[o] += s
		o, a, b = o+k.o2, a+k.a2, b+k.b2
	}
}

// axpyKernel: out[i] += a * b[i]; four at once if the second loop adds to the same outputs.
func axpyKernel(r *run, k *block2) {
	o, a, b, n2 := k.o, k.a, k.b, k.n2
	if k.o2 == 0 {
		out := r.out[o : o+k.n1]
		for ; n2 >= 4; n2 -= 4 {
			x0, x1, x2, x3 := r.a[a], r.a[a+k.a2], r.a[a+2*k.a2], r.a[a+3*k.a2]
			if x0|x1|x2|x3 != 0 {
				y0 := r.b[b:][:len(out)]
				y1 := r.b[b+k.b2:][:len(out)]
				y2 := r.b[b+2*k.b2:][:len(out)]
				y3 := r.b[b+3*k.b2:][:len(out)]
				for i := range out {
					out[i] += x0*y0[i] + x1*y1[i] + x2*y2[i] + x3*y3[i]
				}
			}
			a, b = a+4*k.a2, b+4*k.b2
		}
	}
	for range n2 {
		if x := r.a[a]; x != 0 {
			y := r.b[b : b+k.n1]
			out := r.out[o : o+k.n1][:len(y)]
			for i, v := range y {
				out[i] += x * v
			}
		}
		o, a, b = o+k.o2, a+k.a2, b+k.b2
	}
}

// stridedKernel is axpyKernel for any stride of b.
func stridedKernel(r *run, k *block2) {
	o, a, b, n2 := k.o, k.a, k.b, k.n2
	if k.o2 == 0 {
		out := r.out[o : o+k.n1]
		for ; n2 >= 3; n2 -= 3 {
			x0, x1, x2 := r.a[a], r.a[a+k.a2], r.a[a+2*k.a2]
			if x0|x1|x2 != 0 {
				j0, j1, j2 := b, b+k.b2, b+2*k.b2
				for i := range out {
					out[i] += x0*r.b[j0] + x1*r.b[j1] + x2*r.b[j2]
					j0, j1, j2 = j0+k.b1, j1+k.b1, j2+k.b1
				}
			}
			a, b = a+3*k.a2, b+3*k.b2
		}
	}
	for range n2 {
		if x := r.a[a]; x != 0 {
			out, j := r.out[o:o+k.n1], b
			for i := range out {
				out[i] += x * r.b[j]
				j += k.b1
			}
		}
		o, a, b = o+k.o2, a+k.a2, b+k.b2
	}
}

// plainKernel: out[..] += a[..] b[..] with any strides.
func plainKernel(r *run, k *block2) {
	o, a, b := k.o, k.a, k.b
	for range k.n2 {
		h, i, j := o, a, b
		for range k.n1 {
			r.out[h] += r.a[i] * r.b[j]
			h, i, j = h+k.o1, i+k.a1, j+k.b1
		}
		o, a, b = o+k.o2, a+k.a2, b+k.b2
	}
}

// wideKernel is plainKernel with 128-bit sums.
func wideKernel(r *run, k *block2) {
	o, a, b := k.o, k.a, k.b
	for range k.n2 {
		h, i, j := o, a, b
		for range k.n1 {
			addWide(&r.hi[h], &r.out[h], r.a[i], r.b[j])
			h, i, j = h+k.o1, i+k.a1, j+k.b1
		}
		o, a, b = o+k.o2, a+k.a2, b+k.b2
	}
}

// addWide adds x*y to the signed 128-bit number (hi, lo).
func addWide(hi, lo *int64, x, y int64) {
	h, l := bits.Mul64(uint64(x), uint64(y))
	h -= uint64(x>>63)&uint64(y) + uint64(y>>63)&uint64(x) // signed product
	s, carry := bits.Add64(uint64(*lo), l, 0)
	t, _ := bits.Add64(uint64(*hi), h, carry)
	*hi, *lo = int64(t), int64(s)
}
