package graph

// Loops and recurrent layers are unrolled while the graph is built. What a tensor is in each step is its role: the names that
// lead to it, without the number of the step. Calibration gives tensors of one role one scale (package quant), so that the
// constants of a step are committed once for all of them.

// same notes that v has a role, which is a name within that of what is being built. Outside of loops nothing has one.
func (b *builder) same(name string, v *Value) {
	if b.role != "" {
		b.join(b.role+name, v)
	}
}

// join notes that v has a role.
func (b *builder) join(role string, v *Value) {
	if v == nil || v.Const != nil {
		return
	}
	if b.roles == nil {
		b.roles = map[string]int{}
	}
	i, known := b.roles[role]
	if !known {
		i = len(b.g.Steps)
		b.roles[role] = i
		b.g.Steps = append(b.g.Steps, nil)
	}
	b.g.Steps[i] = append(b.g.Steps[i], v)
}

// inRole enters the role of a node of a source, inside of loops; the function that it returns leaves it.
func (b *builder) inRole(sn *SourceNode) (leave func()) {
	outer := b.role
	if outer != "" && len(sn.Outputs) > 0 {
		b.role += "/" + sn.Outputs[0]
	}
	return func() { b.role = outer }
}

// role is the role of the node that is being expanded: its name, outside of loops.
func (e *expander) role() string {
	if e.b.role != "" {
		return e.b.role
	}
	return e.n.Name
}

// eachStep enters the role of a step of the node that is being expanded; the function that it returns leaves it.
func (e *expander) eachStep() (leave func()) {
	outer := e.b.role
	e.b.role = e.role() + ":step"
	return func() { e.b.role = outer }
}
