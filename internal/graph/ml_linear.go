package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// linearExpansions are the linear and kernel models of ai.onnx.ml, as onnxruntime evaluates them.
var linearExpansions = map[string]expansion{
	"ai.onnx.ml.LinearClassifier": expandLinearClassifier,
	"ai.onnx.ml.LinearRegressor":  expandLinearRegressor,
	"ai.onnx.ml.SVMClassifier":    expandSVMClassifier,
	"ai.onnx.ml.SVMRegressor":     expandSVMRegressor,
}

// maxLabels bounds the classes of a classifier.
const maxLabels = 1 << 16

// labels are a classifier's labels. Labels that are strings are numbered by their position in the list.
func (e *expander) labels() []int64 {
	for _, name := range []string{"classlabels_int64s", "classlabels_ints"} {
		if list := e.n.Attrs.Ints(name); len(list) > 0 {
			return list
		}
	}
	list, _ := e.n.Attrs["classlabels_strings"].([]string)
	if len(list) == 0 || len(list) > maxLabels {
		e.failf("%d class labels", len(list))
	}
	out := make([]int64, len(list))
	for i := range out {
		out[i] = int64(i)
	}
	return out
}

// label is the label of the class in column index [N].
func (e *expander) label(labels []int64, index *Value) *Value {
	for i, x := range labels {
		if x != int64(i) {
			return e.op("Gather", nil, e.constant(tensor.FromInts(tensor.Int64, append([]int64(nil), labels...), len(labels))), index)
		}
	}
	return index
}

// best is the label of the largest of the scores [N, C]; of equal ones, the first.
func (e *expander) best(labels []int64, scores *Value) *Value {
	return e.label(labels, e.op("ArgMax", Attrs{"axis": int64(1), "keepdims": int64(0)}, scores))
}

// either is label yes where a [N, 1] score is above a limit, else no.
func (e *expander) either(score *Value, limit float64, yes, no int64) *Value {
	c := e.op("Greater", nil, e.reshape(score, score.Shape[0]), e.scalar(score.Type, limit))
	if yes == 1 && no == 0 {
		return e.cast(c, tensor.Int64)
	}
	of := func(x int64) *Value { return e.constant(tensor.FromInts(tensor.Int64, []int64{x})) }
	return e.op("Where", nil, c, of(yes), of(no))
}

// transformed is scores [N, C] after the node's post_transform. Of one score, the two softmaxes are the score itself.
func (e *expander) transformed(scores *Value) *Value {
	alone := scores.Shape[1] == 1
	switch t := e.n.Attrs.String("post_transform", "NONE"); t {
	case "NONE":
	case "LOGISTIC":
		return e.op("Sigmoid", nil, scores)
	case "SOFTMAX":
		if !alone {
			return e.op("Softmax", Attrs{"axis": int64(1)}, scores)
		}
	case "SOFTMAX_ZERO": // scores of 0 stay 0, and are not counted
		if !alone {
			none := e.op("Equal", nil, scores, e.scalar(scores.Type, 0))
			return e.op("Softmax", Attrs{"axis": int64(1)}, e.op("Where", nil, none, e.scalar(scores.Type, math.Inf(-1)), scores))
		}
	case "PROBIT":
		return e.probit(scores)
	default:
		e.unsupported("post_transform %s", t)
	}
	return scores
}

// probitEnd is how near probit's argument comes to 0 and 1, where it is infinite: what lies beyond counts as that.
const probitEnd = 1.0 / (1 << 20)

// probit is sqrt(2) erfinv(2x - 1), by onnxruntime's formula (Winitzki's, a = 0.147): with t = 2x - 1, l = log((1-t)(1+t)) and
// h = 2/(3.14159 a) + l/2, erfinv(t) = sign(t) sqrt(sqrt(h^2 - l/a) - h).
func (e *expander) probit(x *Value) *Value {
	const a = .147
	number := func(v float64) *Value { return e.scalar(x.Type, v) }
	x = e.op("Clip", nil, x, number(probitEnd), number(1-probitEnd))
	t := e.op("Sub", nil, e.op("Mul", nil, x, number(2)), number(1))
	l := e.op("Log", nil, e.op("Sub", nil, number(1), e.op("Mul", nil, t, t)))
	h := e.op("Add", nil, e.op("Mul", nil, l, number(.5)), number(2/(3.14159*a)))
	root := e.op("Sqrt", nil, e.op("Sub", nil, e.op("Mul", nil, h, h), e.op("Mul", nil, l, number(1/a))))
	inverse := e.op("Sqrt", nil, e.op("Relu", nil, e.op("Sub", nil, root, h)))
	return e.op("Mul", nil, e.op("Mul", nil, e.op("Sign", nil, t), inverse), number(1.41421356))
}

// twoColumns makes the scores of both classes from one score s [N, 1]: logistic of -s and s; or first - s and s, first being 0 or 1.
func (e *expander) twoColumns(s *Value, first float64) *Value {
	switch e.n.Attrs.String("post_transform", "NONE") {
	case "PROBIT":
		e.unsupported("post_transform PROBIT of one score for two labels: onnxruntime gives NaN")
	case "LOGISTIC":
		half := e.op("Mul", nil, s, e.scalar(s.Type, .5)) // exponentials have short tables, Sigmoid a long one
		return e.op("Softmax", Attrs{"axis": int64(1)}, e.concat(1, e.op("Neg", nil, half), half))
	}
	return e.concat(1, e.op("Sub", nil, e.scalar(s.Type, first), s), s)
}

// linear is x [N, F] times coefficients, one row for each column of the result, plus intercepts. Each call of the result makes
// it anew, which is free: a reader that rounds it (a label) takes nothing from one that does not (a probability).
func (e *expander) linear(x *Value) func() *Value {
	w, c := e.n.Attrs.floats("coefficients"), e.n.Attrs.floats("intercepts")
	f := x.Shape[1]
	if f == 0 || len(w) == 0 || len(w)%f != 0 {
		e.failf("%d coefficients for %d features", len(w), f)
	}
	k := len(w) / f
	if len(c) != 0 && len(c) != k {
		e.failf("%d intercepts, want %d", len(c), k)
	}
	t := make([]float64, len(w))
	for i, v := range w {
		t[i%f*k+i/f] = v
	}
	weights := e.numbers(x.Type, t, f, k)
	return func() *Value {
		y := e.op("MatMul", nil, x, weights)
		if len(c) == 0 {
			return y
		}
		return e.op("Add", nil, y, e.numbers(x.Type, c, k))
	}
}

func expandLinearRegressor(e *expander) []*Value {
	e.arity(1, 1)
	y := e.linear(e.matrix(e.in(0)))()
	if k := int(e.n.Attrs.Int("targets", 1)); y.Shape[1] != k {
		e.failf("%d targets, the coefficients are for %d", k, y.Shape[1])
	}
	return []*Value{e.transformed(y)}
}

func expandLinearClassifier(e *expander) []*Value {
	e.arity(1, 1)
	labels := e.labels()
	again := e.linear(e.matrix(e.in(0)))
	scores := again()
	switch k := scores.Shape[1]; {
	case k == 1 && len(labels) == 2:
		return []*Value{e.either(scores, 0, labels[1], labels[0]), e.twoColumns(scores, 1)}
	case k != len(labels) || k < 2:
		e.failf("%d rows of coefficients for %d labels", k, len(labels))
	}
	return []*Value{e.best(labels, scores), e.transformed(again())}
}

// kernel is K(x, v) for the rows of x [N, F] and the support vectors: [N, V].
func (e *expander) kernel(x *Value, vectors int) *Value {
	data, f := e.n.Attrs.floats("support_vectors"), x.Shape[1]
	if vectors <= 0 || len(data) != vectors*f || f == 0 {
		e.failf("%d numbers for %d support vectors of %d features", len(data), vectors, f)
	}
	p := append(append([]float64(nil), e.n.Attrs.floats("kernel_params")...), 0, 0, 0)
	gamma, coef, degree := p[0], p[1], p[2]
	t, norms := make([]float64, len(data)), make([]float64, vectors)
	for i, v := range data {
		t[i%f*vectors+i/f] = v
		norms[i/f] += float64(v * v)
	}
	dot := e.op("MatMul", nil, x, e.numbers(x.Type, t, f, vectors))
	affine := func() *Value {
		return e.op("Add", nil, e.op("Mul", nil, dot, e.scalar(x.Type, gamma)), e.scalar(x.Type, coef))
	}
	switch k := e.n.Attrs.String("kernel_type", "LINEAR"); k {
	case "LINEAR":
		return dot
	case "POLY":
		return e.op("Pow", nil, affine(), e.scalar(x.Type, degree))
	case "SIGMOID":
		return e.op("Tanh", nil, affine())
	case "RBF": // of many terms that cancel: exp(-gamma (x.x - 2 x.v + v.v))
		own := e.op("ReduceSumSquare", nil, x, e.ints(1))
		d := e.op("Add", nil, e.op("Sub", nil, own, e.op("Mul", nil, dot, e.scalar(x.Type, 2))), e.numbers(x.Type, norms, vectors))
		return e.op("Exp", Attrs{Precise: int64(1)}, e.op("Mul", nil, d, e.scalar(x.Type, -gamma)))
	default:
		e.failf("kernel_type %q", k)
	}
	return nil
}

func expandSVMRegressor(e *expander) []*Value {
	e.arity(1, 1)
	x := e.matrix(e.in(0))
	w, rho := e.n.Attrs.floats("coefficients"), e.n.Attrs.floats("rho")
	n := int(min(e.n.Attrs.Int("n_supports", 0), tensor.MaxSize))
	if len(w) != n || len(rho) != 1 {
		e.failf("%d coefficients and %d rho for %d support vectors", len(w), len(rho), n)
	}
	y := e.op("Add", nil, e.op("MatMul", nil, e.kernel(x, n), e.numbers(x.Type, w, n, 1)), e.scalar(x.Type, rho[0]))
	if e.n.Attrs.Int("one_class", 0) != 0 {
		above := e.cast(e.op("Greater", nil, y, e.scalar(x.Type, 0)), x.Type)
		return []*Value{e.op("Sub", nil, e.op("Mul", nil, above, e.scalar(x.Type, 2)), e.scalar(x.Type, 1))}
	}
	return []*Value{e.transformed(y)}
}

// expandSVMClassifier decides each pair of classes i < j by the sign of its score, and takes the class with most votes.
// Probabilities are given for two classes. onnxruntime finds them by an iteration that stops early, up to 4e-3 off; those of more
// classes have no other definition.
func expandSVMClassifier(e *expander) []*Value {
	e.arity(1, 1)
	x := e.matrix(e.in(0))
	labels := e.labels()
	a := e.n.Attrs
	per := a.Ints("vectors_per_class")
	w, rho := a.floats("coefficients"), a.floats("rho")
	classes := len(labels)
	pairs := classes * (classes - 1) / 2
	if len(per) != classes || classes < 2 || classes > 1024 || len(rho) != pairs {
		e.unsupported("%d numbers of support vectors and %d rho for %d classes", len(per), len(rho), classes)
	}
	vectors := 0
	start := make([]int, classes+1)
	for i, k := range per {
		if k < 0 || k > tensor.MaxSize {
			e.failf("vectors_per_class %v", per)
		}
		vectors += int(k)
		start[i+1] = vectors
	}
	if len(w) != (classes-1)*vectors {
		e.failf("%d coefficients for %d support vectors", len(w), vectors)
	}
	matrix := make([]float64, e.size(vectors, pairs)) // [V, pairs]
	votes := make([]float64, e.size(pairs, classes))  // [pairs, classes]: what a positive score adds
	base := make([]float64, classes)                  // the votes where all scores are negative
	at := 0
	for i := range classes {
		for j := i + 1; j < classes; j++ {
			for v := start[i]; v < start[i+1]; v++ {
				matrix[v*pairs+at] = w[(j-1)*vectors+v]
			}
			for v := start[j]; v < start[j+1]; v++ {
				matrix[v*pairs+at] = w[i*vectors+v]
			}
			votes[at*classes+i], votes[at*classes+j] = 1, -1
			base[j]++
			at++
		}
	}
	scores := e.op("Add", nil, e.op("MatMul", nil, e.kernel(x, vectors), e.numbers(x.Type, matrix, vectors, pairs)), e.numbers(x.Type, rho, pairs))
	pa, pb := a.floats("prob_a"), a.floats("prob_b")
	post := a.String("post_transform", "NONE")
	switch {
	case len(pa) > 0 && (classes > 2 || len(pa) != 1 || len(pb) != 1 || post != "NONE"):
		e.unsupported("probabilities of more than two classes (train with probability=False)")
	case classes == 2 && post != "NONE" && post != "LOGISTIC":
		e.unsupported("post_transform %s", post)
	case len(pa) > 0: // 1 / (1 + exp(a s + b))
		p := e.op("Sigmoid", nil, e.op("Add", nil, e.op("Mul", nil, scores, e.scalar(x.Type, -pa[0])), e.scalar(x.Type, -pb[0])))
		return []*Value{e.either(scores, 0, labels[0], labels[1]), e.concat(1, p, e.op("Sub", nil, e.scalar(x.Type, 1), p))}
	case classes == 2:
		return []*Value{e.either(scores, 0, labels[0], labels[1]), e.twoColumns(scores, 0)}
	}
	won := e.cast(e.op("Greater", nil, scores, e.scalar(x.Type, 0)), x.Type)
	total := e.op("Add", nil, e.op("MatMul", nil, won, e.numbers(x.Type, votes, pairs, classes)), e.numbers(x.Type, base, classes))
	return []*Value{e.best(labels, total), e.transformed(scores)}
}
