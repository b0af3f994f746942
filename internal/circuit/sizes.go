package circuit

// Sizes are a circuit's entries by who sets them.
type Sizes struct {
	Instances int // public
	Constants int // of the key, fixed or private, values of function tables among them
	Values    int // of function tables
	Committed int // that each proof commits, padding not counted
	Lookups   int // looked-up entries
	TableRows int
}

// Sizes counts the entries of a checked circuit.
func (c *Circuit) Sizes() Sizes {
	var s Sizes
	values := map[int]bool{}
	for _, t := range c.Tables {
		s.TableRows += t.Size
		values[t.Out] = true
	}
	for i := range c.Blocks {
		n := Count(c.Blocks[i].Dims)
		switch c.Blocks[i].Role {
		case Public:
			s.Instances += n
		case Fixed, Private:
			s.Constants += n
			if values[i] {
				s.Values += n
			}
		default:
			s.Committed += n
		}
	}
	for i := range c.Slots {
		for _, l := range c.Slots[i].Lookups {
			s.Lookups += Count(c.Blocks[l.In].Dims)
		}
	}
	return s
}
