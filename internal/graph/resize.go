package graph

var resizeOps []*Op
