package toynet

import "math/rand"

// Steps are the places at which Wrong can make a witness wrong, with the consequence that the circuit must refuse it.
var Steps = []string{
	"q+1", "relu", "relu-dead", "group", "window", "bias", "product", "sum", "slice", "divisor", "quotient-1", "quotient+1",
	"remainder", "gap", "gather", "gather-padding", "public", "flatten", "matmul", "gathered-sum", "output", "pick",
}

// Steps of Wrong that are right for a key that is wrong: a bias b1[0,0] of 100, and W1[0,0,0,1] larger by 1/2 over an even
// input (the value of the weight itself stays).
const (
	BigBias    = "big-bias"
	HalfWeight = "half-weight"
)

// compute fills all values. Every random value is drawn before the first step, so that a seed's key and input do not
// depend on what is wrong.
func (n *Net) compute(rng *rand.Rand, wrong string) {
	v := map[string][]int64{}
	for name, i := range n.names {
		v[name] = n.Values[i]
	}
	draw := func(name string, lo, hi int64) {
		for i := range v[name] {
			v[name][i] = lo + rng.Int63n(hi-lo+1)
		}
	}
	copy(v["Pub"], []int64{1, 2, -2, 0, -1}) // public: the same for every seed, and so are the fixed weights
	for i := range v["W3"] {
		v["W3"][i] = int64(i*i*5+i)%7 - 3
	}
	draw("X", -8, 7)
	draw("W1", -4, 3)
	draw("b1", -16, 15)
	var chosen [3]int
	for i := range chosen {
		chosen[i] = rng.Intn(M)
	}
	for i := range v["relu"] {
		v["relu"][i] = max(int64(i)-128, 0)
	}
	if wrong == BigBias {
		v["b1"][0] = 100
	}
	if wrong == HalfWeight {
		for i := range v["X"] {
			v["X"][i] &^= 1
		}
	}
	first := true // a wrong step happens once
	once := func(step string, here bool) bool {
		if wrong != step || !here || !first {
			return false
		}
		first = false
		return true
	}
	for g := range G {
		for o := range O {
			for i := range I {
				acc := v["b1"][g*O+o]
				if once("bias", true) {
					acc++
				}
				for ch := range C {
					for k := range U {
						wg := g
						if wrong == "group" {
							wg = 0
						}
						a := i + k - 1
						if wrong == "window" {
							a = i + k
						}
						if a >= 0 && a < I {
							acc += v["X"][(g*C+ch)*I+a] * v["W1"][((wg*O+o)*C+ch)*U+k]
							if wrong == HalfWeight && g+o+ch == 0 && k == 1 {
								acc += v["X"][a] / 2
							}
						}
					}
				}
				at := (g*O+o)*I + i
				q := (acc + 2) >> 2
				if once("q+1", at == 13) {
					q++
				}
				y := max(q, 0)
				if once("relu", q < 0) || once("relu-dead", q > 0) {
					y = 1 - min(y, 1)
				}
				v["q1"][at], v["r1"][at], v["y1"][at] = q, acc-4*q, y
			}
		}
	}
	y1 := v["y1"]
	for g := range G {
		for o := range O {
			sum := &v["s"][g*O+o]
			for i := range I {
				at := (g*O+o)*I + i
				v["sq"][at] = y1[at] * (y1[at] + v["Pub"][i] + 1)
				if once("product", i == 4) {
					v["sq"][at]++
				}
				*sum += y1[at]
				pub := v["Pub"][i]
				if wrong == "public" {
					pub = -pub
				}
				v["u"][g*O+o] += y1[at] * pub
			}
			if once("sum", o == 1) {
				*sum++
			}
			for j := range 2 {
				from := 1
				if wrong == "slice" {
					from = 0
				}
				v["cut"][g*2+j] += y1[(g*O+o)*I+from+2*j]
			}
		}
		den := 1 + v["cut"][g*2]
		if once("divisor", true) {
			den++
		}
		v["den"][g] = den
		for o := range O {
			at := g*O + o
			s := v["s"][at]
			q := s / den
			if once("quotient-1", q > 0) {
				q--
			}
			if once("quotient+1", q > 0) {
				q++
			}
			rem := s - den*q
			gap := den - 1 - rem
			if once("remainder", gap > 0) {
				rem++
			}
			if once("gap", gap > 0) {
				gap--
			}
			v["yq"][at], v["rem"][at], v["gap"][at] = q, rem, gap
		}
	}
	for g := range G {
		for o := range O {
			at := g*O + o
			if wrong == "flatten" {
				at = o*G + g
			}
			v["f"][at] = v["u"][g*O+o]
		}
	}
	for i, j := range chosen {
		v["idx"][i] = int64(j/O*2 + j%O) // the flat index in the padded tensor
		v["got"][i] = v["yq"][j]
		if once("gather", true) {
			v["got"][i]++
		}
		if once("gather-padding", true) {
			v["idx"][i], v["got"][i] = 6, 0
		}
	}
	for p := range 4 {
		out := int64(7)
		for m := range M {
			out += v["W3"][p*M+m] * v["f"][m]
		}
		for i := range 3 {
			out += v["got"][i]
		}
		if once("matmul", p == 3) {
			out -= v["W3"][p*M] + 1
		}
		if wrong == "gathered-sum" {
			out++
		}
		if once("output", true) {
			out--
		}
		v["Y"][p] = out
	}
	for i := range 3 {
		v["Y2"][i] = v["got"][i]
		for j := range 2 {
			v["Y2"][i] += v["cut"][i*2+j]
		}
		for o := range O {
			v["Y2"][i] += v["sq"][(i*O+o)*I+4] - v["s"][i*O+o]
		}
		if once("pick", true) {
			v["Y2"][i]++
		}
	}
}
