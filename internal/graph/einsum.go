package graph

var einsumOps []*Op
