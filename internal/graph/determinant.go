package graph

// largestDet bounds the matrices whose determinant is expanded.
const largestDet = 4

// determinant expands along the first row, [.., n, n] to [..].
func determinant(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	r := len(x.Shape)
	if r < 2 || x.Shape[r-1] != x.Shape[r-2] {
		e.failf("input of shape %v", x.Shape)
	}
	if n := x.Shape[r-1]; n > largestDet || n < 1 {
		e.unsupported("matrices of %d rows", n)
	}
	var det func(m *Value) *Value
	det = func(m *Value) *Value {
		n := m.Shape[r-1]
		if n == 1 {
			return m
		}
		var sum *Value
		below := e.slice(m, r-2, 1, n)
		for j := range n {
			var columns []int
			for k := range n {
				if k != j {
					columns = append(columns, k)
				}
			}
			term := e.op("Mul", nil, e.slice(e.slice(m, r-2, 0, 1), r-1, j, j+1), det(e.gather(below, r-1, columns...)))
			switch {
			case sum == nil:
				sum = term
			case j%2 == 1:
				sum = e.op("Sub", nil, sum, term)
			default:
				sum = e.op("Add", nil, sum, term)
			}
		}
		return sum
	}
	return []*Value{e.reshape(det(x), x.Shape[:r-2]...)}
}
