package graph

var rnnOps []*Op
