// Package onnx decodes ONNX files into graphs: protobuf, tensors of every element type, external data.
//
// Load reads a file, Decode bytes. Both end with graph.Build, so that what comes out has static shapes, a topological
// order and folded constants. The decoder is total: no input makes it panic, and it allocates no more than a small multiple
// of the file's size. Errors are one line that starts with "onnx: ".
//
// The wire format is read with protowire, message by message; field numbers are those of onnx.proto (onnx 1.23).
package onnx
