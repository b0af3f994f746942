package graph

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// ngramExpansions count runs of words.
var ngramExpansions = map[string]expansion{"TfIdfVectorizer": tfIdf}

// ngram is one run of words that a TfIdfVectorizer counts, and the column of its count.
type ngram struct {
	words  []int64
	column int
}

// ngrams are a TfIdfVectorizer's runs by their number of words, and the number of columns.
func (e *expander) ngrams() (bySize map[int][]ngram, columns int) {
	a := e.n.Attrs
	pool, starts, at := a.Ints("pool_int64s"), a.Ints("ngram_counts"), a.Ints("ngram_indexes")
	if pool == nil {
		e.unsupported("a pool of strings")
	}
	bySize = map[int][]ngram{}
	next := 0
	for i, start := range starts {
		end := int64(len(pool))
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		n := i + 1
		if start < 0 || end < start || end > int64(len(pool)) || (end-start)%int64(n) != 0 {
			e.failf("ngram_counts %v for a pool of %d", starts, len(pool))
		}
		for k := start; k < end; k += int64(n) {
			if next >= len(at) || at[next] < 0 || at[next] >= maxLabels {
				e.failf("%d ngram_indexes, or one that is too large", len(at))
			}
			bySize[n] = append(bySize[n], ngram{pool[k : k+int64(n)], int(at[next])})
			columns = max(columns, int(at[next])+1)
			next++
		}
	}
	if next != len(at) || columns == 0 {
		e.failf("%d ngram_indexes for %d n-grams", len(at), next)
	}
	return bySize, columns
}

// tfIdf counts the n-grams of sequences x [C] or [N, C], with up to max_skip_count words left out between two neighbours; or
// weighs what occurs. A word is compared once with every word of the pool; an n-gram occurs where all of its words do.
func tfIdf(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	if x.Type.IsFloat() || len(x.Shape) < 1 || len(x.Shape) > 2 || tensor.Size(x.Shape) == 0 {
		e.failf("input is %v of shape %v", x.Type, x.Shape)
	}
	a := e.n.Attrs
	bySize, columns := e.ngrams()
	least, most, skips := a.Int("min_gram_length", 1), a.Int("max_gram_length", 1), a.Int("max_skip_count", 0)
	if least < 1 || most < least || most > 1<<10 || skips < 0 || skips > tensor.MaxSize {
		e.failf("n-grams of %d to %d words, %d skipped", least, most, skips)
	}
	length := x.Shape[len(x.Shape)-1]
	rows := tensor.Size(x.Shape) / length
	var words []int64
	for _, list := range bySize {
		for _, g := range list {
			words = append(words, g.words...)
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	e.size(rows, length, len(words))
	pool := e.constant(tensor.FromInts(tensor.Int64, words, len(words)))
	is := e.op("Equal", nil, e.reshape(e.cast(x, tensor.Int64), rows, length, 1), pool) // [rows, length, words]
	var total *Value
	for n := int(least); n <= int(most); n++ {
		list := bySize[n]
		if len(list) == 0 {
			continue
		}
		to := make([]float64, e.size(len(list), columns))
		at := make([][]int, n)
		for i, g := range list {
			to[i*columns+g.column] = 1
			for k, w := range g.words {
				p, _ := slices.BinarySearch(words, w)
				at[k] = append(at[k], p)
			}
		}
		for step := 1; step <= int(skips)+1; step++ {
			starts := length - (n-1)*step
			if starts < 1 || n == 1 && step > 1 {
				break
			}
			var all *Value
			for k := range n {
				word := e.gather(e.slice(is, 1, k*step, k*step+starts), 2, at[k]...)
				if all == nil {
					all = word
				} else {
					all = e.op("And", nil, all, word)
				}
			}
			count := e.op("ReduceSum", Attrs{"keepdims": int64(0)}, e.cast(all, tensor.Float32), e.ints(1))
			count = e.op("MatMul", nil, count, e.numbers(tensor.Float32, to, len(list), columns))
			if total == nil {
				total = count
			} else {
				total = e.op("Add", nil, total, count)
			}
		}
	}
	if total == nil {
		total = e.constant(tensor.New(tensor.Float32, rows, columns))
	}
	weights := a.floats("weights")
	if weights != nil && len(weights) != columns {
		e.failf("%d weights for %d columns", len(weights), columns)
	}
	mode := a.String("mode", "")
	switch mode {
	case "TF":
		weights = nil
	case "IDF":
		total = e.cast(e.op("Greater", nil, total, e.scalar(tensor.Float32, 0)), tensor.Float32)
	case "TFIDF":
	default:
		e.failf("mode %q", mode)
	}
	if weights != nil {
		total = e.op("Mul", nil, total, e.numbers(tensor.Float32, weights, columns))
	}
	return []*Value{e.reshape(total, append(slices.Clone(x.Shape[:len(x.Shape)-1]), columns)...)}
}
