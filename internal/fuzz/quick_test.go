//go:build !full

package fuzz

// full is set by the build tag of that name: the long variants.
const full = false
