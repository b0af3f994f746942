package graph

var attentionExpansions = map[string]expansion{}
var fusedExpansions = map[string]expansion{}
