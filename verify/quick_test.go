//go:build !full

package verify_test

// full is set by the build tag of that name: the long variants.
const full = false
