package lower

import (
	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// arrange chooses slots, groups and the row length: each lookup in a slot of its own, until layout.Arrange exists.
func arrange(c *circuit.Circuit, lookups []circuit.Lookup) error {
	for i, l := range lookups {
		c.Slots = append(c.Slots, circuit.Slot{Lookups: []circuit.Lookup{l}})
		c.Groups = append(c.Groups, []int{i})
	}
	c.LogRow = 10
	return c.Check()
}

// certify runs the determinism certificate and the interval analysis: a circuit that fails here is a bug of a gadget, or
// has integers that are too wide.
func certify(c *Compiled) (err error) {
	c.Certificate, err = determinism.Certify(c.Circuit)
	return err
}
