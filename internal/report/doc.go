// Package report describes a model before anybody proves it: every node, whether a circuit can hold it and why not, what it
// became (scales, gadget, lookups), and what proofs will cost (rows, memory, time, bytes, gas).
//
// What is counted (nodes, lookups, rows, bytes of a proof) is exact. Seconds, memory and gas are estimates from models that
// cost.go states with their source.
package report
