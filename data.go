package ezkl

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/ezkl-go/ezkl/internal/formats"
)

// DataArgument reads input data as command lines give it: @file, JSON text, or the path of a .json, .npy or .npz file.
func DataArgument(arg string) (*Data, error) {
	if path, ok := strings.CutPrefix(arg, "@"); ok {
		return LoadData(path)
	}
	if text := strings.TrimSpace(arg); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		if _, err := os.Stat(arg); err != nil {
			return formats.ParseData("data", []byte(arg))
		}
	}
	if arg == "" {
		return nil, errors.New("no input data given")
	}
	return LoadData(arg)
}

// RandomOptions shape RandomData. The zero value means values in [0, 1) from seed 0.
type RandomOptions struct {
	Seed     uint64
	Min, Max float64 // both 0: [0, 1)
}

// RandomData is one random input for a network: reals uniform in [Min, Max), integers uniform in the same interval,
// booleans true or false. The same options give the same data.
func RandomData(m *Model, o RandomOptions) (*Data, error) {
	if o.Min == 0 && o.Max == 0 {
		o.Max = 1
	}
	if !(o.Min < o.Max) || math.IsInf(o.Max-o.Min, 0) {
		return nil, fmt.Errorf("random data: [%v, %v) is no interval", o.Min, o.Max)
	}
	r := splitMix(o.Seed)
	d := &Data{Name: "random data"}
	for _, in := range m.Inputs() {
		n := 1
		for _, l := range in.Shape {
			n *= l
		}
		a := formats.Array{Name: in.Name, Values: make([]formats.Value, n)}
		lo, hi := math.Ceil(o.Min), math.Ceil(o.Max)
		if in.integer() && (hi <= lo || math.Abs(lo) > 1<<53 || math.Abs(hi) > 1<<53) {
			return nil, fmt.Errorf("random data: no integer in [%v, %v) for input %s (set --min and --max)", o.Min, o.Max, in.Name)
		}
		for i := range a.Values {
			u := r.unit()
			switch {
			case in.Type == "Bool":
				a.Values[i] = formats.BoolValue(u >= 0.5)
			case in.integer():
				a.Values[i] = formats.IntValue(int64(lo + math.Floor(u*(hi-lo))))
			default: // as a 32-bit number, below Max
				v := float32(float64(o.Min + float64(u*(o.Max-o.Min))))
				if float64(v) >= o.Max {
					v = math.Nextafter32(v, float32(math.Inf(-1)))
				}
				a.Values[i] = formats.RealValue(float64(v))
			}
		}
		d.Arrays = append(d.Arrays, a)
	}
	return d, nil
}

// splitMix is a small generator of Steele, Lea and Flood ("Fast splittable pseudorandom number generators", 2014): the same
// numbers on every platform and in every release. It is not for secrets.
type splitMix uint64

func (s *splitMix) unit() float64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}
