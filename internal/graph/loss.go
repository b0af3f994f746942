package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// lossExpansions are the losses over class scores x of shape [N, C, d..] and targets t of shape [N, d..]: with E the one-hot
// form of t along the classes and w their weights,
//
//	l = -sum_C E w x,   none: l,   sum: sum l,   mean: sum l / sum E w
//
// Targets equal to ignore_index have E = 0.
var lossExpansions = map[string]expansion{
	"NegativeLogLikelihoodLoss": func(e *expander) []*Value { return []*Value{e.likelihood(e.in(0))} },
	"SoftmaxCrossEntropyLoss": func(e *expander) []*Value {
		p := e.op("LogSoftmax", Attrs{"axis": int64(1)}, e.in(0))
		return []*Value{e.likelihood(p), p}
	},
}

// likelihood is the loss of log-probabilities x.
func (e *expander) likelihood(x *Value) *Value {
	e.arity(2, 3)
	target, weight := e.in(1), e.n.In(2)
	rank := len(x.Shape)
	if rank < 2 || len(target.Shape) != rank-1 {
		e.failf("scores of shape %v, targets of shape %v", x.Shape, target.Shape)
	}
	classes := x.Shape[1]
	hot := e.op("OneHot", Attrs{"axis": int64(1)}, target, e.numbers(tensor.Int64, []float64{float64(classes)}, 1), e.numbers(x.Type, []float64{0, 1}, 2))
	ignore, some := e.n.Attrs["ignore_index"].(int64)
	if some {
		same := e.op("Equal", nil, target, e.numbers(target.Type, []float64{float64(ignore)}))
		kept := e.op("Cast", Attrs{"to": numberOf(x.Type)}, e.op("Not", nil, same))
		hot = e.op("Mul", nil, hot, e.op("Unsqueeze", nil, kept, e.numbers(tensor.Int64, []float64{1}, 1)))
	}
	if weight != nil {
		if len(weight.Shape) != 1 || weight.Shape[0] != classes {
			e.failf("weights of shape %v for %d classes", weight.Shape, classes)
		}
		shape := make([]float64, rank)
		for i := range shape {
			shape[i] = 1
		}
		shape[1] = float64(classes)
		hot = e.op("Mul", nil, hot, e.op("Reshape", nil, weight, e.numbers(tensor.Int64, shape, rank)))
	}
	axis := e.numbers(tensor.Int64, []float64{1}, 1)
	loss := e.op("Neg", nil, e.op("ReduceSum", Attrs{"keepdims": int64(0)}, e.op("Mul", nil, hot, x), axis))
	total := func(v *Value) *Value { return e.op("ReduceSum", Attrs{"keepdims": int64(0)}, v) }
	switch r := e.n.Attrs.String("reduction", "mean"); {
	case r == "none":
		return loss
	case r == "sum":
		return total(loss)
	case r != "mean":
		e.failf("reduction is %q", r)
	case weight == nil && !some:
		return e.op("ReduceMean", Attrs{"keepdims": int64(0)}, loss)
	}
	return e.op("Div", nil, total(loss), total(hot))
}
