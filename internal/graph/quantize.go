package graph

var quantizeOps []*Op
