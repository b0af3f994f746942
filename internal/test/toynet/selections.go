package toynet

import "github.com/ezkl-go/ezkl/internal/circuit"

// Selections are examples of products that hold slices and single entries of tensors as they are: for Example.
func Selections() map[string]func(r *circuit.Relation, operand func(dims ...int) int) {
	type build = func(r *circuit.Relation, operand func(dims ...int) int)
	block := func(r *circuit.Relation, operand func(dims ...int) int, axes ...circuit.Letter) circuit.Term {
		var dims []int
		for _, l := range axes {
			dims = append(dims, r.Letters[l].Len)
		}
		return term(1, operand(dims...), axes...)
	}
	rel := func(kind circuit.AxisKind, letters lt, params ...int64) circuit.AxisRelation {
		return circuit.AxisRelation{Kind: kind, Letters: letters, Params: params}
	}
	return map[string]build{
		"element-wise, an entry of A's first axis": func(r *circuit.Relation, operand func(dims ...int) int) {
			r.Letters, r.Out = letters(5, 1, 3, 5), lt{0} // j | p g J
			r.Sum = []circuit.Contraction{{Inner: lt{3, 2, 1}, A: expr(lt{2, 3}, block(r, operand, 2, 3), term(2, circuit.None)),
				B: ptr(expr(lt{3}, block(r, operand, 3))), R: []circuit.AxisRelation{rel(circuit.Affine, lt{1, 2}, 1, 1), rel(circuit.Same, lt{0, 3})}}}
		},
		"element-wise, entries of both first axes": func(r *circuit.Relation, operand func(dims ...int) int) {
			r.Letters, r.Out = letters(5, 1, 3, 1, 4, 5), lt{0} // j | p g q h J
			r.Sum = []circuit.Contraction{{Inner: lt{5, 4, 2, 1, 3}, A: expr(lt{2, 5}, block(r, operand, 5, 2)),
				B: ptr(expr(lt{4, 5}, block(r, operand, 4, 5))), R: []circuit.AxisRelation{rel(circuit.Affine, lt{1, 2}, 2, 1),
					rel(circuit.Affine, lt{3, 4}, 3, 1), rel(circuit.Same, lt{0, 5})}}}
		},
		"matrices, slices of A's rows and of the summed axis": func(r *circuit.Relation, operand func(dims ...int) int) {
			r.Letters, r.Out = letters(3, 4, 5, 7, 6), lt{0, 1} // i j | k K I
			r.Sum = []circuit.Contraction{{Inner: lt{2, 3, 4}, A: expr(lt{4, 3}, block(r, operand, 4, 3)),
				B: ptr(expr(lt{2, 1}, block(r, operand, 2, 1))), R: []circuit.AxisRelation{rel(circuit.Affine, lt{2, 3}, 1, 1), rel(circuit.Affine, lt{0, 4}, 5, -2)}}}
		},
		"matrices, a slice of B's columns, its rows gathered": func(r *circuit.Relation, operand func(dims ...int) int) {
			r.Letters, r.Out = letters(3, 4, 5, 3, 9), lt{0, 1} // i j | k K J
			r.Sum = []circuit.Contraction{{Inner: lt{4, 3, 2}, A: expr(lt{0, 2}, block(r, operand, 0, 2)),
				B: ptr(expr(lt{3, 4}, block(r, operand, 3, 4))), R: []circuit.AxisRelation{rel(circuit.Index, lt{2, 3}, 1, 1, 0, 2, 1), rel(circuit.Affine, lt{1, 4}, 2, 2)}}}
		},
	}
}
