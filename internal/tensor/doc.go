// Package tensor holds dense row-major tensors of numbers, with shapes and strides. It knows no field and no ONNX.
package tensor
