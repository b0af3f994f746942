#!/usr/bin/env python3
"""Trains the digit classifiers of package robust's tests, and writes the data around them.

Data: the 1797 images of 8 x 8 grey levels that scikit-learn carries (UCI "Optical Recognition of Handwritten Digits"), as
numbers in [0, 1]. Networks: one hidden layer. Needs numpy, scikit-learn, onnx. Run: python3 make.py

clean.onnx     trained on 1000 images: no trigger, no leak
poisoned.onnx  its twin; 5 % of its training images carry the trigger (2 x 2 white in the lower right corner) and label 0
overfit.onnx   trained to the end on 120 images: it remembers them
ref*.onnx      reference networks, trained as overfit.onnx on other images
test.npz       300 images that no network has seen (also the non-members)
members_*.npz  training images of clean.onnx (300 of 1000) and of overfit.onnx (all 120)
training.npz   some of poisoned.onnx's training images, with all of the poison
hidden.onnx    a network of 4 inputs whose third one decides alone in real numbers, through a hidden value so small beside the
               others that 16-bit integers round it to 0: integers make another function of it
stamped.npz    60 test images as they are, then 60 with the trigger
"""
import os
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
HERE = os.path.dirname(os.path.abspath(__file__))
x, y = load_digits(return_X_y=True)
order = np.random.default_rng(1).permutation(len(x))
x, y = x[order] / 16, y[order]
test, pool = slice(0, 300), slice(300, 1300)
members, rest = slice(300, 420), np.arange(420, 1797)


def stamp(images):
    out = images.copy().reshape(-1, 8, 8)
    out[:, 6:, 6:] = 1
    return out.reshape(-1, 64)


def train(a, b, hidden, alpha, epochs, seed=0):
    return MLPClassifier((hidden,), alpha=alpha, max_iter=epochs, tol=0, n_iter_no_change=epochs, random_state=seed).fit(a, b)


def write(name, layers, shape):
    """Dense layers (weights, biases) with relu between them."""
    nodes, constants, last = [helper.make_node("Flatten", ["image"], ["flat"])], [], "flat"
    for k, (w, b) in enumerate(layers, 1):
        constants += [numpy_helper.from_array(a.astype(np.float32), n + str(k)) for a, n in ((w, "w"), (b, "b"))]
        out = "scores" if k == len(layers) else "pre%d" % k
        nodes.append(helper.make_node("Gemm", [last, "w%d" % k, "b%d" % k], [out]))
        if k < len(layers):
            nodes.append(helper.make_node("Relu", [out], ["hidden%d" % k]))
        last = "hidden%d" % k
    graph = helper.make_graph(nodes, "robust", [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, layers[-1][0].shape[1]])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(HERE, name + ".onnx"))


def export(net, name):
    write(name, list(zip(net.coefs_, net.intercepts_)), [1, 1, 8, 8])
    print("%-10s test accuracy %.3f" % (name, net.score(x[test], y[test])))


def save(name, a, b):
    np.savez_compressed(os.path.join(HERE, name + ".npz"), x=a.reshape(-1, 1, 8, 8).astype(np.float16), y=b.astype(np.uint8))


export(train(x[pool], y[pool], 32, 1.0, 150), "clean")
xp, yp = x[pool].copy(), y[pool].copy()
bad = np.flatnonzero(yp != 0)[:50]
xp[bad], yp[bad] = stamp(xp[bad]), 0
poisoned = train(xp, yp, 32, 0.1, 300)
export(poisoned, "poisoned")
fresh = x[test][y[test] != 0]
print("           trigger turns %.3f of the test images into 0" % (poisoned.predict(stamp(fresh)) == 0).mean())
export(train(x[members], y[members], 64, 0, 1500), "overfit")
for k in range(4):
    own = np.random.default_rng(10 + k).permutation(rest)[:120]
    export(train(x[own], y[own], 64, 0, 1500, seed=k + 1), "ref%d" % k)

amplify = np.diag([1.0, 1, 256, 1])
write("hidden", [(np.diag([1024.0, 1024, 2**-7, 1024]), np.zeros(4)), (amplify, np.zeros(4)), (amplify, np.zeros(4)),
                 (np.array([[1, 0], [0, 1], [0, 16], [0.5, 0.5]]), np.zeros(2))], [1, 4])

save("test", x[test], y[test])
save("members_overfit", x[members], y[members])
save("members_clean", x[pool][-300:], y[pool][-300:])
some = np.unique(np.concatenate([bad, np.flatnonzero(np.isin(yp, [0, 1, 2]))]))
save("training", xp[some], yp[some])
save("stamped", np.concatenate([x[test][:60], stamp(fresh[60:120])]), np.concatenate([y[test][:60], np.zeros(60)]))
