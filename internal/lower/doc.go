// Package lower turns a network of real tensors into a circuit over integers (docs/protocol.md, sections 1, 2 and 9).
//
// # Values
//
// During lowering a tensor is a value: an affine form over committed blocks plus pending contractions, over named axes,
// with a real unit (real = unit * integer), the static interval of its integer, and the largest real magnitude expected
// of honest inputs. Additions, scaling, transposition, broadcasting, slices, pads, concatenations, sums and recomposed
// digits change the value and commit nothing. Only a consumer that needs a block makes one: settle.
//
// An axis of a tensor is a list of atoms (lengths above 1); merging axes joins lists, so a flatten before a matrix product
// costs nothing, whatever the lengths. Axes of length 1 have no atom: squeeze, unsqueeze and broadcasting are free. A product
// with weights gives the weights' own axis the atoms along which readers cut it (cuts.go): gates, queries and heads are then
// single indices of an atom, and trees that are summed by class need no reshape.
//
// A slice, or an entry of an axis, that a product reads is not copied either: the product holds the tensor behind it, joined by
// an axis relation (operand.go), unless a model of the prover's cost says that a copy is cheaper.
//
// # Ranges
//
// All ranges come from digits of one width w: low digits in [0, 2^w), the top digit in [-2^(w-1), 2^(w-1)). The lookup of
// the top digit becomes a lookup in the sign table as soon as somebody asks for the sign. Requantisation is
// requantise.go, sign and maximum are relu.go and max.go, every other function of one variable is table.go.
//
// # Errors
//
// A lowering that cannot go on calls fail, which panics with a failure; Compile recovers it at each node, so that all
// nodes that are not supported are listed at once. No other package sees the panic.
package lower
