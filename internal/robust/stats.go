package robust

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Rate is K of N, with the 95 % interval of Wilson.
type Rate struct {
	K  int     `json:"k"`
	N  int     `json:"n"`
	P  float64 `json:"rate"`
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

// z95 is the 97.5 % point of the normal distribution.
const z95 = 1.959963984540054

// wilson is the score interval (Wilson 1927). With n = 0 nothing is known: [0, 1].
func wilson(k, n int) Rate {
	if n == 0 {
		return Rate{Hi: 1}
	}
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z95*z95/(2*m)) / (1 + z95*z95/m)
	half := z95 / (1 + z95*z95/m) * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	return Rate{k, n, p, max(0, mid-half), min(1, mid+half)}
}

// atLeast is the one-sided lower bound of Clopper and Pearson at the given confidence: the rate below which k or more of n
// have a probability of 1 - confidence. It is exact, and used for verdicts.
func atLeast(k, n int, confidence float64) float64 {
	if k == 0 || n == 0 {
		return 0
	}
	lo, hi := 0.0, 1.0
	for range 60 {
		p := (lo + hi) / 2
		if binomialTail(k, n, p) < 1-confidence {
			lo = p
		} else {
			hi = p
		}
	}
	return lo
}

// binomialTail is the probability of k or more successes in n.
func binomialTail(k, n int, p float64) float64 {
	if p <= 0 {
		return 0
	}
	if p >= 1 {
		return 1
	}
	sum := 0.0
	logN, _ := math.Lgamma(float64(n + 1))
	for i := k; i <= n; i++ {
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(logN - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(sum, 1)
}

// auc is the probability that a member scores above a non-member, ties counted half.
func auc(members, others []float64) float64 {
	type entry struct {
		v      float64
		member bool
	}
	all := make([]entry, 0, len(members)+len(others))
	for _, v := range members {
		all = append(all, entry{v, true})
	}
	for _, v := range others {
		all = append(all, entry{v, false})
	}
	slices.SortFunc(all, func(a, b entry) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	})
	sum := 0.0
	below := 0
	for i := 0; i < len(all); {
		j, m, o := i, 0, 0
		for ; j < len(all) && all[j].v == all[i].v; j++ {
			if all[j].member {
				m++
			} else {
				o++
			}
		}
		sum += float64(m) * (float64(below) + float64(o)/2)
		below += o
		i = j
	}
	return sum / float64(len(members)) / float64(len(others))
}

// bootstrap is the 95 % interval of the area under the curve, from resamples of both sides.
func bootstrap(members, others []float64, rng *rand.Rand) (lo, hi float64) {
	const rounds = 1000
	draw := func(from []float64) []float64 {
		out := make([]float64, len(from))
		for i := range out {
			out[i] = from[rng.IntN(len(from))]
		}
		return out
	}
	areas := make([]float64, rounds)
	for i := range areas {
		areas[i] = auc(draw(members), draw(others))
	}
	slices.Sort(areas)
	return areas[rounds*25/1000], areas[rounds*975/1000-1]
}

// tprAt is the rate of members above the lowest threshold that lets at most fpr of the non-members through.
func tprAt(members, others []float64, fpr float64) Rate {
	sorted := slices.Sorted(slices.Values(others))
	slices.Reverse(sorted)
	threshold := sorted[min(int(fpr*float64(len(sorted))), len(sorted)-1)] // strictly above: at most that many
	k := 0
	for _, v := range members {
		if v > threshold {
			k++
		}
	}
	return wilson(k, len(members))
}

// roc is the curve of true against false positive rates.
func roc(members, others []float64) []Point {
	cuts := slices.Sorted(slices.Values(others))
	slices.Reverse(cuts)
	out := []Point{{0, 0}}
	for i := 0; i < len(cuts); i += max(1, len(cuts)/100) {
		out = append(out, Point{float64(i) / float64(len(cuts)), tprAt(members, others, float64(i)/float64(len(cuts))).P})
	}
	return append(out, Point{1, 1})
}

// quantile is the q-quantile of sorted numbers; NaN if there are none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	return s[min(int(q*float64(len(s))), len(s)-1)]
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func deviation(values []float64) float64 {
	m, sum := mean(values), 0.0
	for _, v := range values {
		sum += (v - m) * (v - m)
	}
	return math.Sqrt(sum / float64(len(values)))
}
