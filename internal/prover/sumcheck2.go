package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
)

// dense adds scale times a functional's weights to e.
func dense(e fr.Vector, f claims.Functional, scale *fr.Element) {
	for i := range f {
		t := f[i]
		t.Coef.Mul(&t.Coef, scale)
		w := t.Dense()
		dst := e[t.Offset : t.Offset+len(w)]
		dst.Add(dst, w)
	}
}

// sumcheck2 proves sum_b V(b) E(b) + mu g2(b): it returns the point and V there. v and e are used up.
func sumcheck2(v, e fr.Vector, mask maskPoly, mu *fr.Element, send func([]fr.Element) fr.Element) ([]fr.Element, fr.Element) {
	p := &product{f: v, g: e}
	var point []fr.Element
	for j := range mask.degrees {
		out := p.round()
		addTo(out, mask.round(j, point), mu)
		x := send(out)
		point = append(point, x)
		p.fold(&x)
	}
	return point, p.f[0]
}
