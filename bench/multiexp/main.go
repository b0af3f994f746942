// Command multiexp prints the seconds that gnark-crypto's MultiExp takes for 2^20 random full-size scalars: the yardstick
// of bench/growth.py.
package main

import (
	"fmt"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

func main() {
	const n = 1 << 20
	scalars := make(fr.Vector, n)
	var s fr.Element
	s.MustSetRandom()
	for i := range scalars {
		s.Square(&s)
		scalars[i] = s
	}
	_, _, g, _ := bn254.Generators()
	points := bn254.BatchScalarMultiplicationG1(&g, scalars)
	best := time.Duration(0)
	for range 3 {
		var sum bn254.G1Affine
		start := time.Now()
		if _, err := sum.MultiExp(points, scalars, ecc.MultiExpConfig{}); err != nil {
			panic(err)
		}
		if d := time.Since(start); best == 0 || d < best {
			best = d
		}
	}
	fmt.Printf("%.3f\n", best.Seconds())
}
