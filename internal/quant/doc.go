// Package quant chooses fixed-point scales: statistics of the float network over sample inputs (Calibrate), the parameters
// that lowering reads (Params, carried by settings.json), and the accuracy report of the integer network against the
// float one (Compare).
//
// A tensor of the circuit holds integers v with real value v * unit. By default the unit of each tensor is the power of
// two for which the largest magnitude seen, times the margin (2), fits into 16 signed bits. The user may set global scales
// instead, as ezkl does.
package quant
