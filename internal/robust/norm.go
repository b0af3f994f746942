package robust

import (
	"fmt"
	"math"
	"slices"
)

// Norm measures the distance of an input from a sample.
type Norm string

const (
	linf Norm = "linf" // the largest change of an entry
	l2   Norm = "l2"   // Euclidean
	l0   Norm = "l0"   // the number of changed entries
)

// ParseNorm reads linf, l2 or l0.
func ParseNorm(s string) (Norm, error) {
	if n := Norm(s); n == linf || n == l2 || n == l0 {
		return n, nil
	}
	return "", fmt.Errorf("unknown norm %q: use linf, l2 or l0", s)
}

func (n Norm) distance(a, b []float64) float64 {
	sum, most, count := 0.0, 0.0, 0
	for i, v := range a {
		d := math.Abs(v - b[i])
		sum += d * d
		most = max(most, d)
		if d > 0 {
			count++
		}
	}
	switch n {
	case linf:
		return most
	case l2:
		return math.Sqrt(sum)
	}
	return float64(count)
}

// project moves x into the ball of radius eps around centre, and into [lo, hi].
func (n Norm) project(x, centre []float64, eps, lo, hi float64) {
	switch n {
	case linf:
		for i := range x {
			x[i] = min(max(x[i], centre[i]-eps), centre[i]+eps)
		}
	case l2:
		if d := l2.distance(x, centre); d > eps {
			for i := range x {
				x[i] = centre[i] + (x[i]-centre[i])*eps/d
			}
		}
	case l0:
		order := make([]int, len(x))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch d, e := math.Abs(x[a]-centre[a]), math.Abs(x[b]-centre[b]); {
			case d > e:
				return -1
			case d < e:
				return 1
			}
			return 0
		})
		for _, i := range order[min(len(order), int(eps)):] {
			x[i] = centre[i]
		}
	}
	clip(x, lo, hi)
}

// defaultEps is a budget of a tenth of the range: for L2, of every entry; for L0, a twentieth of the entries.
func (n Norm) defaultEps(size int, width float64) float64 {
	switch n {
	case linf:
		return 0.1 * width
	case l2:
		return 0.1 * width * math.Sqrt(float64(size))
	}
	return max(1, math.Floor(float64(size)/20))
}

func clip(x []float64, lo, hi float64) {
	for i := range x {
		x[i] = min(max(x[i], lo), hi)
	}
}

// norm2 is the Euclidean length.
func norm2(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}
