package circuit

import "slices"

// Unfix is the circuit with some Fixed blocks as Public ones, and those of inputs among the Inputs. In it a witness can be
// computed before setup, which takes the values of fixed inputs and outputs from a witness: every block has the same index
// and the same relations. It is no circuit to prove in. Without blocks it is c itself.
func (c *Circuit) Unfix(inputs, outputs []int) *Circuit {
	if len(inputs)+len(outputs) == 0 {
		return c
	}
	u := *c
	u.Blocks = slices.Clone(c.Blocks)
	for _, i := range slices.Concat(inputs, outputs) {
		u.Blocks[i].Role = Public
	}
	u.Inputs = slices.Concat(c.Inputs, inputs)
	return &u
}
