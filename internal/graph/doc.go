// Package graph is the network between ONNX and the compiler: static shapes, topological order, constants as tensors, and
// one table of operators, each with its shape rule and float semantics (those of onnxruntime).
package graph
