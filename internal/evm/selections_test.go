package evm_test

import (
	"testing"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// TestSelections: the contract evaluates products that hold slices and entries of tensors, as package verify does.
func TestSelections(t *testing.T) {
	for name, build := range toynet.Selections() {
		t.Run(name, func(t *testing.T) {
			n, err := toynet.Example(1, build)
			l := newLab(t, n, err, 1)
			d := deploy(t, l)
			if _, err := d.chain.Verify(d.at, evm.Calldata(l.proof, l.instances, nil)); err != nil {
				t.Error(err)
			}
			wrong := append([]byte{}, l.proof...)
			wrong[len(wrong)-100] ^= 1
			if _, err := d.chain.Verify(d.at, evm.Calldata(wrong, l.instances, nil)); err == nil {
				t.Error("a wrong proof is accepted")
			}
		})
	}
}
