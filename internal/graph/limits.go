package graph

import (
	"errors"
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Bounds of what a file may ask for, so that a small one takes seconds and not hours. Models that can be proven are far below.
const (
	maxNodes    = 1 << 18 // nodes of a graph, calls and branches put in place: a circuit has 2^16 relations
	maxNesting  = 32      // calls and branches inside each other
	maxReads    = 1 << 24 // names that are looked at, each time that a list of nodes is put in place
	maxText     = 1 << 28 // bytes of all names
	maxEntries  = 1 << 27 // entries of all tensors that are data
	maxWork     = 1 << 38 // multiply-adds of one run
	maxFoldSize = 1 << 22 // entries of a folded output, if its inputs are smaller
	maxFoldSum  = 1 << 27 // entries of all folded outputs
	maxFoldWork = 1 << 31 // entries read and multiply-adds of all folded nodes
	maxMessage  = 2000    // bytes of an error: lists that the file gives may be long
)

// read counts names that are looked at.
func (b *builder) read(names int) error {
	if b.reads += names; b.reads > maxReads {
		return fmt.Errorf("the model's loops and functions hold more than %d names", maxReads)
	}
	return nil
}

// count counts one node.
func (b *builder) count() error {
	if b.nodes++; b.nodes > maxNodes {
		return fmt.Errorf("the model has more than %d nodes", maxNodes)
	}
	return nil
}

// named counts the names that a node gives.
func (b *builder) named(n *Node) error {
	b.text += len(n.Name)
	for _, v := range n.Outputs {
		if v != nil {
			b.text += len(v.Name)
		}
	}
	if b.text > maxText {
		return fmt.Errorf("the names of the model's nodes, with those of the loops around them, have more than %d bytes", maxText)
	}
	return nil
}

// fold counts entries of a constant that the model does not hold itself.
func (b *builder) fold(entries int) error {
	if b.folded += entries; b.folded > maxFoldSum {
		return fmt.Errorf("the model's constants have more than %d entries", maxFoldSum)
	}
	return nil
}

// data counts a value that no constant gives.
func (b *builder) data(v *Value) error {
	if v == nil {
		return nil
	}
	if b.entries += tensor.Size(v.Shape); b.entries > maxEntries {
		return fmt.Errorf("the model's tensors have more than %d entries in all: too many for any circuit", maxEntries)
	}
	return nil
}

// compute counts the multiply-adds of a node that is not folded.
func (b *builder) compute(n *Node) error {
	if b.multiplied += n.work(maxWork); b.multiplied > maxWork {
		return fmt.Errorf("the model takes more than %d multiply-adds", maxWork)
	}
	return nil
}

// shortened is an error whose text lists less of what a file gives.
func shortened(err error) error {
	var u *UnsupportedError
	if err == nil || errors.As(err, &u) || len(err.Error()) <= maxMessage {
		return err
	}
	s := err.Error()
	return errors.New(s[:maxMessage/2] + " .. " + s[len(s)-maxMessage/2:])
}
