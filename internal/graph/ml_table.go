package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// tableExpansions are ai.onnx.ml's operators that prepare tables of features and name results.
var tableExpansions = map[string]expansion{
	"ai.onnx.ml.ArrayFeatureExtractor": expandArrayFeatureExtractor,
	"ai.onnx.ml.Binarizer":             expandBinarizer,
	"ai.onnx.ml.FeatureVectorizer":     expandFeatureVectorizer,
	"ai.onnx.ml.Imputer":               expandImputer,
	"ai.onnx.ml.LabelEncoder":          expandLabelEncoder,
	"ai.onnx.ml.Normalizer":            expandNormalizer,
	"ai.onnx.ml.OneHotEncoder":         expandOneHotEncoder,
	"ai.onnx.ml.Scaler":                expandScaler,
	"ai.onnx.ml.ZipMap":                expandZipMap,
}

// expandZipMap keeps the probabilities as a tensor: the map's keys are the classes in order.
func expandZipMap(e *expander) []*Value {
	e.arity(1, 1)
	return []*Value{e.in(0)}
}

// perFeature is a list attribute of one number, or one for each entry of x's last axis.
func (e *expander) perFeature(name string, x *Value, def float64) []float64 {
	list := e.n.Attrs.floats(name)
	if len(list) == 0 {
		return []float64{def}
	}
	if f := x.Shape[len(x.Shape)-1]; len(list) != 1 && len(list) != f {
		e.failf("%s has %d numbers for %d features", name, len(list), f)
	}
	return list
}

func expandScaler(e *expander) []*Value {
	e.arity(1, 1)
	x := e.float32(e.in(0))
	if len(x.Shape) == 0 {
		e.failf("its input has no axis")
	}
	offset, scale := e.perFeature("offset", x, 0), e.perFeature("scale", x, 1)
	y := x
	if !allEqual(offset, 0) {
		y = e.op("Sub", nil, y, e.numbers(x.Type, offset, len(offset)))
	}
	if !allEqual(scale, 1) {
		y = e.op("Mul", nil, y, e.numbers(x.Type, scale, len(scale)))
	}
	return []*Value{y}
}

func allEqual(list []float64, x float64) bool {
	for _, v := range list {
		if v != x {
			return false
		}
	}
	return true
}

// expandNormalizer divides each row by its maximum, its sum of magnitudes or its length.
func expandNormalizer(e *expander) []*Value {
	e.arity(1, 1)
	x := e.matrix(e.in(0))
	op, ok := map[string]string{"MAX": "ReduceMax", "L1": "ReduceL1", "L2": "ReduceL2"}[e.n.Attrs.String("norm", "MAX")]
	if !ok {
		e.failf("norm is %q", e.n.Attrs.String("norm", ""))
	}
	return []*Value{e.op("Div", nil, x, e.op(op, nil, x, e.ints(1)))}
}

func expandBinarizer(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	above := e.op("Greater", nil, x, e.scalar(x.Type, e.n.Attrs.Float("threshold", 0)))
	return []*Value{e.cast(above, x.Type)}
}

// expandImputer replaces one number by constants. NaN, the usual one, cannot occur: inputs are finite.
func expandImputer(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	if len(x.Shape) == 0 {
		e.failf("its input has no axis")
	}
	name, from := "imputed_value_floats", e.n.Attrs.Float("replaced_value_float", 0)
	if !x.Type.IsFloat() {
		name, from = "imputed_value_int64s", float64(e.n.Attrs.Int("replaced_value_int64", 0))
	}
	if math.IsNaN(from) {
		return []*Value{x}
	}
	by := e.n.Attrs.floats(name)
	if !x.Type.IsFloat() {
		by = nil
		for _, v := range e.n.Attrs.Ints(name) {
			by = append(by, float64(v))
		}
	}
	if f := x.Shape[len(x.Shape)-1]; len(by) != 1 && len(by) != f {
		e.failf("%s has %d numbers for %d features", name, len(by), f)
	}
	return []*Value{e.op("Where", nil, e.op("Equal", nil, x, e.scalar(x.Type, from)), e.numbers(x.Type, by, len(by)), x)}
}

// expandFeatureVectorizer joins its inputs as columns.
func expandFeatureVectorizer(e *expander) []*Value {
	e.arity(1, math.MaxInt)
	var parts []*Value
	for i := range e.n.Inputs {
		parts = append(parts, e.matrix(e.in(i)))
	}
	return []*Value{e.concat(1, parts...)}
}

// expandArrayFeatureExtractor takes columns of x's last axis.
func expandArrayFeatureExtractor(e *expander) []*Value {
	e.arity(2, 2)
	x, at := e.in(0), e.in(1)
	if len(x.Shape) == 0 || at.Type.IsFloat() {
		e.failf("inputs of shapes %v and %v", x.Shape, at.Shape)
	}
	k := tensor.Size(at.Shape)
	y := e.op("Gather", Attrs{"axis": int64(len(x.Shape) - 1)}, x, e.reshape(at, k))
	if len(x.Shape) == 1 {
		y = e.reshape(y, 1, k)
	}
	return []*Value{y}
}

// keyed is an attribute that lists keys or values of a LabelEncoder, by the names it has in its versions.
func (e *expander) keyed(what string) (t tensor.DType, list []float64) {
	a := e.n.Attrs
	if v, ok := a[what+"_tensor"].(*tensor.Tensor); ok {
		return v.Type, tensorFloats(v)
	}
	if v := a.floats(what + "_floats"); len(v) > 0 {
		return tensor.Float32, v
	}
	if _, ok := a[what+"_strings"].([]string); ok {
		e.unsupported("%s that are strings", what)
	}
	for _, v := range a.Ints(what + "_int64s") {
		list = append(list, float64(v))
	}
	if len(list) == 0 {
		e.failf("it has no %s", what)
	}
	return tensor.Int64, list
}

// expandLabelEncoder maps numbers to numbers: the default, plus for each key [x = key] times its value minus the default.
func expandLabelEncoder(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	_, keys := e.keyed("keys")
	t, values := e.keyed("values")
	if len(keys) != len(values) || len(keys) > maxLabels {
		e.failf("%d keys, %d values", len(keys), len(values))
	}
	def := e.n.Attrs.Float("default_float", 0)
	if !t.IsFloat() {
		def = float64(e.n.Attrs.Int("default_int64", -1))
	}
	if v, ok := e.n.Attrs["default_tensor"].(*tensor.Tensor); ok && v.Len() == 1 {
		def = v.Float(0)
	}
	seen := map[float64]bool{}
	var k, diff []float64
	for i, key := range keys {
		if !seen[key] { // the first of equal keys counts
			k, diff = append(k, key), append(diff, values[i]-def)
		}
		seen[key] = true
	}
	flat := e.reshape(x, tensor.Size(x.Shape), 1)
	hit := e.cast(e.op("Equal", nil, flat, e.numbers(x.Type, k, len(k))), t)
	y := e.op("Add", nil, e.op("MatMul", nil, hit, e.numbers(t, diff, len(k), 1)), e.scalar(t, def))
	return []*Value{e.reshape(y, x.Shape...)}
}

// expandOneHotEncoder is [x = category] for each category, on a new last axis. A number that is no category gives zeros.
func expandOneHotEncoder(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	cats := e.n.Attrs.Ints("cats_int64s")
	if len(cats) == 0 {
		e.unsupported("categories that are strings")
	}
	if e.n.Attrs.Int("zeros", 1) == 0 {
		e.unsupported("zeros=0")
	}
	list := make([]float64, len(cats))
	for i, c := range cats {
		list[i] = float64(c)
	}
	if x.Type.IsFloat() {
		x = e.cast(x, tensor.Int64)
	}
	hit := e.op("Equal", nil, e.reshape(x, append(append([]int{}, x.Shape...), 1)...), e.numbers(x.Type, list, len(list)))
	return []*Value{e.float32(hit)}
}
