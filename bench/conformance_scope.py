"""Which of ONNX's node tests are out of scope, and why: what no circuit over numbers of static shapes can hold."""
import numpy as np
from onnx import AttributeProto, TensorProto, numpy_helper

NARROW = {TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E4M3FNUZ, TensorProto.FLOAT8E5M2, TensorProto.FLOAT8E5M2FNUZ,
          TensorProto.FLOAT4E2M1, getattr(TensorProto, "FLOAT8E8M0", -1)}
COMPLEX = {TensorProto.COMPLEX64, TensorProto.COMPLEX128}
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
SHAPES = {"Compress", "NonZero", "NonMaxSuppression", "Unique"}
TEXT = {"StringConcat", "StringNormalizer", "StringSplit", "RegexFullMatch", "TfIdfVectorizer", "LabelEncoder"}


def out_of_scope(case):
    """The reason, or None."""
    model = case.model
    kinds, types = set(), set()
    for v in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
        kinds.add(v.type.WhichOneof("value"))
        if v.type.HasField("tensor_type"):
            types.add(v.type.tensor_type.elem_type)
    nodes = list(walk(model.graph.node))
    ops = {n.op_type for n in nodes}
    for n in nodes:
        types |= {a.i for a in n.attribute if a.name == "to" and a.type == AttributeProto.INT}
        types |= {a.t.data_type for a in n.attribute if a.type == AttributeProto.TENSOR}
    types |= {t.data_type for t in model.graph.initializer}
    if TensorProto.STRING in types:
        return "strings"
    if "sequence_type" in kinds or any(o.startswith("Sequence") or o in ("SplitToSequence", "ConcatFromSequence") for o in ops):
        return "sequences"
    if "optional_type" in kinds or any(o.startswith("Optional") for o in ops):
        return "optionals"
    if ops & RANDOM:
        return "random"
    if any(n.domain == "ai.onnx.preview.training" for n in nodes) or training(case, nodes):
        return "training"
    if types & COMPLEX:
        return "complex numbers"
    if types & NARROW:
        return "4-bit and 8-bit floats"
    if "ImageDecoder" in ops:
        return "image decoding"
    if ops & SHAPES:
        return "the output's shape depends on data"
    if any(not finite(x) for s in case.data_sets for part in s for x in part):
        return "NaN or infinity among inputs or outputs"
    if any(np.size(x) == 0 for s in case.data_sets for x in s[1] if not isinstance(x, TensorProto)):
        return "an empty output"
    return None


def walk(nodes):
    for n in nodes:
        yield n
        for a in n.attribute:
            if a.type == AttributeProto.GRAPH:
                yield from walk(a.g.node)


def training(case, nodes):
    for n in nodes:
        if n.op_type in ("Dropout", "BatchNormalization"):
            if any(a.name == "training_mode" and a.i for a in n.attribute):
                return True
        if n.op_type == "Dropout" and len(n.input) > 2 and n.input[2]:
            at = [i.name for i in case.model.graph.input].index(n.input[2])
            return bool(case.data_sets[0][0][at])
    return False


def finite(x):
    x = numpy_helper.to_array(x) if isinstance(x, TensorProto) else np.asarray(x)
    if x.dtype.kind in "biu" or x.dtype.kind == "O":
        return True
    try:
        return bool(np.isfinite(x.astype(np.float64)).all())
    except (TypeError, ValueError):
        return True
