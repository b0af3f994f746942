package graph

import "strings"

// fusedExpansions are operators that onnxruntime's optimiser makes of several, and their like.
var fusedExpansions = map[string]expansion{
	"SimplifiedLayerNormalization":                   expandSimplified,
	"SwiGLU":                                         expandSwiGLU,
	"com.microsoft.BiasGelu":                         expandBiasGelu,
	"com.microsoft.FastGelu":                         expandFastGelu,
	"com.microsoft.FusedConv":                        expandFusedConv,
	"com.microsoft.FusedGemm":                        expandFusedGemm,
	"com.microsoft.FusedMatMul":                      expandFusedMatMul,
	"com.microsoft.Gelu":                             func(e *expander) []*Value { return []*Value{e.gelu(e.in(0), "none")} },
	"com.microsoft.QuickGelu":                        expandQuickGelu,
	"com.microsoft.SkipLayerNormalization":           expandSkipLayerNorm,
	"com.microsoft.SkipSimplifiedLayerNormalization": expandSkipLayerNorm,
}

// remedy says what to do about an operator that exporters and optimisers write and that nothing here knows; "" if that is not known.
func remedy(op string) string {
	switch {
	case strings.HasPrefix(op, "com.microsoft.nchwc."):
		return "laid out for one processor (save onnxruntime's optimised model with ORT_ENABLE_EXTENDED or below)"
	case op == "com.microsoft.DynamicQuantizeLSTM":
		return "its steps are quantised by scales of their own (quantise other operators only: op_types_to_quantize)"
	case op == "Erfc":
		return "tf2onnx leaves TensorFlow's operator as it is (use gelu with approximate=True)"
	}
	return ""
}

// optional adds what is not nil.
func (e *expander) optional(x *Value, more ...*Value) *Value {
	for _, v := range more {
		if v != nil {
			x = e.op("Add", nil, x, v)
		}
	}
	return x
}

func (e *expander) gelu(x *Value, approximate string) *Value {
	return e.op("Gelu", Attrs{"approximate": approximate}, x)
}

func expandBiasGelu(e *expander) []*Value {
	e.arity(2, 2)
	return []*Value{e.gelu(e.op("Add", nil, e.in(0), e.in(1)), "none")}
}

func expandFastGelu(e *expander) []*Value {
	e.arity(1, 2)
	return []*Value{e.gelu(e.optional(e.in(0), e.n.In(1)), "tanh")}
}

// expandQuickGelu is x * sigmoid(alpha x): Swish.
func expandQuickGelu(e *expander) []*Value {
	e.arity(1, 1)
	return []*Value{e.op("Swish", Attrs{"alpha": e.n.Attrs.Float("alpha", 1.702)}, e.in(0))}
}

// expandSwiGLU is swish(a) * b.
func expandSwiGLU(e *expander) []*Value {
	e.arity(2, 2)
	s := e.op("Swish", Attrs{"alpha": e.n.Attrs.Float("alpha", 1)}, e.in(0))
	return []*Value{e.op("Mul", nil, s, e.in(1))}
}

// expandSimplified is onnxruntime's name of RMSNormalization, before ONNX had one.
func expandSimplified(e *expander) []*Value {
	e.arity(2, 2)
	y := e.op("RMSNormalization", Attrs{"axis": e.n.Attrs.Int("axis", -1), "epsilon": e.n.Attrs.Float("epsilon", 1e-5)}, e.in(0), e.in(1))
	return []*Value{y}
}

// expandSkipLayerNorm normalises input + skip + bias. Its last output is that sum.
func expandSkipLayerNorm(e *expander) []*Value {
	x, gamma := e.op("Add", nil, e.in(0), e.in(1)), e.in(2)
	attrs := Attrs{"axis": int64(-1), "epsilon": e.n.Attrs.Float("epsilon", 1e-12)}
	if e.n.Op == "com.microsoft.SkipSimplifiedLayerNormalization" {
		e.arity(3, 4)
		x = e.optional(x, e.n.In(3))
		return []*Value{e.op("RMSNormalization", attrs, x, gamma), nil, nil, x}
	}
	e.arity(3, 5)
	x = e.optional(x, e.n.In(4))
	return []*Value{e.op("LayerNormalization", attrs, x, gamma, e.n.In(3)), nil, nil, x}
}

// expandFusedMatMul is alpha * A B with either operand transposed, and before that (transBatch) its first axis put behind the others but the last.
func expandFusedMatMul(e *expander) []*Value {
	e.arity(2, 2)
	a := e.n.Attrs
	operand := func(i int, side string) *Value {
		v := e.in(i)
		k := len(v.Shape)
		swap, batch := a.Int("trans"+side, 0) != 0, a.Int("transBatch"+side, 0) != 0
		if k < 2 || !swap && !batch {
			return v
		}
		perm := make([]int64, k)
		for i := range perm {
			perm[i] = int64(i)
		}
		if batch {
			copy(perm, perm[1:k-1])
			perm[k-2] = 0
		}
		if swap {
			perm[k-1], perm[k-2] = perm[k-2], perm[k-1]
		}
		return e.transpose(v, perm...)
	}
	y := e.op("MatMul", nil, operand(0, "A"), operand(1, "B"))
	if alpha := a.Float("alpha", 1); alpha != 1 {
		y = e.op("Mul", nil, y, e.scalar(y.Type, alpha))
	}
	return []*Value{y}
}

// activated applies the activation that a fused operator names.
func (e *expander) activated(y *Value) *Value {
	a := e.n.Attrs
	p := a.floats("activation_params")
	param := func(i int, name string, def float64) float64 {
		if i < len(p) {
			return p[i]
		}
		return a.Float(name, def)
	}
	switch name := a.String("activation", ""); name {
	case "":
		return y
	case "Relu", "Sigmoid", "Tanh", "Softplus", "Softsign":
		return e.op(name, nil, y)
	case "LeakyRelu":
		return e.op(name, Attrs{"alpha": param(0, "activation_alpha", .01)}, y)
	case "HardSigmoid":
		return e.op(name, Attrs{"alpha": param(0, "activation_alpha", .2), "beta": param(1, "activation_beta", .5)}, y)
	case "Clip":
		if len(p) == 2 {
			return e.op(name, nil, y, e.scalar(y.Type, p[0]), e.scalar(y.Type, p[1]))
		}
	}
	e.unsupported("activation %q", a.String("activation", ""))
	return nil
}

func expandFusedGemm(e *expander) []*Value {
	e.arity(2, 3)
	attrs := Attrs{}
	for _, name := range []string{"alpha", "beta", "transA", "transB"} {
		if v, ok := e.n.Attrs[name]; ok {
			attrs[name] = v
		}
	}
	return []*Value{e.activated(e.op("Gemm", attrs, e.in(0), e.in(1), e.n.In(2)))}
}

// expandFusedConv is a convolution, plus a tensor, then an activation.
func expandFusedConv(e *expander) []*Value {
	e.arity(2, 4)
	attrs := Attrs{}
	for _, name := range []string{"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"} {
		if v, ok := e.n.Attrs[name]; ok {
			attrs[name] = v
		}
	}
	return []*Value{e.activated(e.optional(e.op("Conv", attrs, e.in(0), e.in(1), e.n.In(2)), e.n.In(3)))}
}
