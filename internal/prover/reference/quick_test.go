//go:build !full

package reference_test

// full is set by the build tag of that name: the long variants.
const full = false
