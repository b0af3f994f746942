//go:build full

package verify_test

const full = true
