package robust

import "math"

// Task says what the output means.
type Task string

const (
	// Classify: the label is the index of the largest entry, the first among equals. A single entry is the probability of
	// label 1.
	Classify Task = "classify"
	// Regress: the entries are values, right within a tolerance.
	Regress Task = "regress"
)

// target says when an answer is wrong.
type target struct {
	task      Task
	label     int
	values    []float64
	tolerance float64
}

// margin is how far an answer is from being wrong: below 0 it is wrong. A missing answer is not wrong, +Inf.
func (t *target) margin(scores []float64) float64 {
	if scores == nil {
		return math.Inf(1)
	}
	if t.task == Regress {
		worst := 0.0
		for i, v := range scores {
			worst = max(worst, math.Abs(v-t.values[i]))
		}
		return t.tolerance - worst
	}
	s := twoSided(scores)
	if t.label < 0 || t.label >= len(s) {
		return -1
	}
	other, at := math.Inf(-1), 0
	for i, v := range s {
		if i != t.label && v > other {
			other, at = v, i
		}
	}
	d := s[t.label] - other
	if d == 0 && at < t.label { // equals: the first wins
		return -math.SmallestNonzeroFloat64
	}
	return d
}

func (t *target) wrong(scores []float64) bool { return t.margin(scores) < 0 }

// twoSided makes two scores of a single probability.
func twoSided(scores []float64) []float64 {
	if len(scores) == 1 {
		return []float64{1 - scores[0], scores[0]}
	}
	return scores
}

// noLabel is the label of a missing answer.
const noLabel = -1

// labelOf is the index of the largest score.
func labelOf(scores []float64) int {
	if scores == nil {
		return noLabel
	}
	best := 0
	s := twoSided(scores)
	for i, v := range s {
		if v > s[best] {
			best = i
		}
	}
	return best
}

// lead is by how much the largest score is ahead of the second, as probabilities.
func lead(scores []float64) float64 {
	if scores == nil {
		return 0
	}
	p := probabilities(scores)
	first, second := math.Inf(-1), math.Inf(-1)
	for _, v := range p {
		if v > first {
			first, second = v, first
		} else {
			second = max(second, v)
		}
	}
	return first - second
}

// probabilities are the scores if they are probabilities already, otherwise their softmax.
func probabilities(scores []float64) []float64 {
	s := twoSided(scores)
	sum, lowest := 0.0, 0.0
	for _, v := range s {
		sum += v
		lowest = min(lowest, v)
	}
	out := make([]float64, len(s))
	if lowest >= -1e-3 && math.Abs(sum-1) < 1e-2 {
		for i, v := range s {
			out[i] = max(v, 0) / sum
		}
		return out
	}
	top := math.Inf(-1)
	for _, v := range s {
		top = max(top, v)
	}
	sum = 0
	for i, v := range s {
		out[i] = math.Exp(v - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
