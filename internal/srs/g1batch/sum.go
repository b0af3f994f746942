package g1batch

import (
	"runtime"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/parallel"
)

// Entry names a point of a list with a sign: index<<1 | 1 for the opposite point. An index is below 2^31.
type Entry = uint32

const (
	maxBlock = 8192 // entries that one goroutine reduces together: their partial sums stay in its cache
	minBlock = 1024 // below this the inversions would dominate
)

// run is a run of points that still has to be added up: the next size points of the buffer, for result dst.
type run struct{ dst, size int32 }

// Sum sets dst[r] to the sum of the points that the entries of run r name, for all r < len(ends): run r is
// entries[ends[r-1]:ends[r]] (from 0 for r = 0). An empty run gives infinity. dst may be part of the array of points, if no
// entry names a point of dst.
//
// The work, one addition for each entry, is shared among GOMAXPROCS goroutines.
func Sum(dst, points []bn254.G1Affine, entries []Entry, ends []uint32) {
	block := len(entries) / (6 * runtime.GOMAXPROCS(0))
	block = min(max(block, minBlock), maxBlock)
	var tasks []task
	for lo := 0; lo < len(ends); {
		t := task{lo: lo, from: int(start(ends, lo))}
		for t.hi = lo; t.hi < len(ends) && int(ends[t.hi])-t.from <= block; t.hi++ {
		}
		if t.hi == lo { // one run longer than a block
			t.hi = lo + 1
			if int(ends[lo])-t.from > 2*block {
				tasks = cutRun(tasks, t, int(ends[lo]), block)
				lo = t.hi
				continue
			}
		}
		tasks = append(tasks, t)
		lo = t.hi
	}
	parallel.Tasks(len(tasks), func(i int) {
		t := &tasks[i]
		a := adders.Get().(*adder)
		defer adders.Put(a)
		if t.to != 0 {
			var d [1]bn254.G1Affine
			a.sum(d[:], points, entries[t.from:t.to], []uint32{uint32(t.to - t.from)}, 0)
			t.part = d[0]
			return
		}
		a.sum(dst[t.lo:t.hi], points, entries, ends[t.lo:t.hi], t.from)
	})
	for i := 0; i < len(tasks); { // add up the pieces of the runs that were cut
		t := &tasks[i]
		if t.to == 0 {
			i++
			continue
		}
		var acc bn254.G1Jac
		for ; i < len(tasks) && tasks[i].to != 0 && tasks[i].lo == t.lo; i++ {
			acc.AddMixed(&tasks[i].part)
		}
		dst[t.lo].FromJacobian(&acc)
	}
}

// task is the runs lo..hi-1, whose entries begin at from; or, if to is not 0, the piece entries[from:to] of run lo.
type task struct {
	lo, hi, from, to int
	part             bn254.G1Affine
}

func cutRun(tasks []task, t task, end, block int) []task {
	for from := t.from; from < end; from += block {
		tasks = append(tasks, task{lo: t.lo, hi: t.hi, from: from, to: min(from+block, end)})
	}
	return tasks
}

func start(ends []uint32, r int) uint32 {
	if r == 0 {
		return 0
	}
	return ends[r-1]
}

// sum does Sum's work for runs whose entries begin at entries[from], in this goroutine: level by level, each level
// halving every run.
func (a *adder) sum(dst, points []bn254.G1Affine, entries []Entry, ends []uint32, from int) {
	a.n, a.active = 0, a.active[:0]
	need := 0
	pos := from
	for r, end := range ends {
		size := int(end) - pos
		pos = int(end)
		switch size {
		case 0:
			dst[r] = bn254.G1Affine{}
		case 1:
			p := &points[entries[pos-1]>>1]
			dst[r] = *p
			if entries[pos-1]&1 != 0 {
				dst[r].Y.Neg(&p.Y)
			}
		default:
			a.active = append(a.active, run{int32(r), int32(size)})
			need += (size + 1) / 2
		}
	}
	if cap(a.buf) < need {
		a.buf = make([]bn254.G1Affine, need)
	}
	a.buf = a.buf[:need]
	a.firstLevel(dst, points, entries, ends, from)
	for len(a.active) > 0 {
		a.level(dst)
	}
}

// firstLevel adds pairs of the named points into the buffer.
func (a *adder) firstLevel(dst, points []bn254.G1Affine, entries []Entry, ends []uint32, from int) {
	out := 0
	kept := a.active[:0]
	for _, r := range a.active {
		end := int(ends[r.dst])
		pos := end - int(r.size)
		half := r.size / 2
		target, step := int32(out), int32(1)
		if r.size == 2 {
			target, step = ^r.dst, 0
		}
		for range half {
			e, f := entries[pos], entries[pos+1]
			pos += 2
			a.push(dst, &points[e>>1], &points[f>>1], e&1, f&1, target)
			target += step
		}
		if r.size == 2 {
			continue
		}
		if pos < end {
			e := entries[pos]
			q := &a.buf[target]
			*q = points[e>>1]
			if e&1 != 0 {
				q.Y.Neg(&q.Y)
			}
		}
		size := (r.size + 1) / 2
		out += int(size)
		kept = append(kept, run{r.dst, size})
	}
	a.flush(dst)
	a.active = kept
}

// level halves every active run of the buffer, in place.
func (a *adder) level(dst []bn254.G1Affine) {
	in, out := 0, 0
	kept := a.active[:0]
	for _, r := range a.active {
		half := r.size / 2
		if r.size == 2 {
			a.push(dst, &a.buf[in], &a.buf[in+1], 0, 0, ^r.dst)
			in += 2
			continue
		}
		for i := range half {
			a.push(dst, &a.buf[in], &a.buf[in+1], 0, 0, int32(out)+i)
			in += 2
		}
		if r.size&1 != 0 {
			a.buf[out+int(half)] = a.buf[in]
			in++
		}
		size := (r.size + 1) / 2
		out += int(size)
		kept = append(kept, run{r.dst, size})
	}
	a.flush(dst)
	a.active = kept
}

// push queues the addition of p and q (or their opposites) for the buffer's place target, or for dst[^target] if target
// is negative. Places are written at the next flush or at once, never before p and q have been read.
func (a *adder) push(dst []bn254.G1Affine, p, q *bn254.G1Affine, negP, negQ uint32, target int32) {
	if p.X[0]|p.Y[0] == 0 && p.IsInfinity() {
		p, negP = q, negQ
		a.put(dst, p, negP, target)
		return
	}
	if q.X[0]|q.Y[0] == 0 && q.IsInfinity() {
		a.put(dst, p, negP, target)
		return
	}
	n := a.n
	a.x1[n], a.x2[n] = p.X, q.X
	if negP != 0 {
		a.y1[n].Neg(&p.Y)
	} else {
		a.y1[n] = p.Y
	}
	if negQ != 0 {
		a.y2[n].Neg(&q.Y)
	} else {
		a.y2[n] = q.Y
	}
	a.target[n] = target
	a.n++
	if a.n == Lanes {
		a.flush(dst)
	}
}

// put writes a point to its target.
func (a *adder) put(dst []bn254.G1Affine, p *bn254.G1Affine, neg uint32, target int32) {
	v := *p
	if neg != 0 {
		v.Y.Neg(&v.Y)
	}
	if target < 0 {
		dst[^target] = v
	} else {
		a.buf[target] = v
	}
}

// flush does the pending additions.
func (a *adder) flush(dst []bn254.G1Affine) {
	n := a.n
	if n == 0 {
		return
	}
	a.n = 0
	a.add(n)
	for i := range n {
		q := (*bn254.G1Affine)(nil)
		if t := a.target[i]; t < 0 {
			q = &dst[^t]
		} else {
			q = &a.buf[t]
		}
		q.X, q.Y = a.x1[i], a.y1[i]
	}
}
