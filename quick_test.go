//go:build !full

package ezkl_test

const full = false
