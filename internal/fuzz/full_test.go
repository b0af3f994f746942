//go:build full

package fuzz

const full = true
