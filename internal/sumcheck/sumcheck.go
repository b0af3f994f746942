package sumcheck

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Verify reads one message for each degree and returns the point and the value claimed there. Labels name the message
// and, with the same text, its challenge.
func Verify(r *proof.Reader, label string, degrees []int, claim fr.Element) ([]fr.Element, fr.Element, error) {
	point := make([]fr.Element, 0, len(degrees))
	for _, d := range degrees {
		message, err := r.Scalars(label, d)
		if err != nil {
			return nil, fr.Element{}, err
		}
		x := r.T.Challenge(label)
		claim = Evaluate(message, &claim, &x)
		point = append(point, x)
	}
	return point, claim, nil
}

// Evaluate is the value at x of the round polynomial with the given coefficients c_0, c_2, .., c_d and s(0) + s(1) = claim.
func Evaluate(message []fr.Element, claim, x *fr.Element) fr.Element {
	coeffs := make([]fr.Element, len(message)+1)
	coeffs[0] = message[0]
	copy(coeffs[2:], message[1:])
	linear := *claim
	linear.Sub(&linear, &message[0])
	for i := range message {
		linear.Sub(&linear, &message[i])
	}
	coeffs[1] = linear
	return poly.Horner(coeffs, x)
}
