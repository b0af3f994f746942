// Package tensor holds dense row-major tensors of numbers, with shapes and strides, and the elementary functions of floating
// numbers with the same bits on every architecture. It knows no field and no ONNX.
package tensor
