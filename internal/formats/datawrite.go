package formats

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// WriteTo writes the data as input.json: integers and booleans as they are, reals with the fewest digits that give the same
// 64-bit number, field elements as text.
func (d *Data) WriteTo(w io.Writer) (int64, error) {
	b := []byte(`{"input_data":[`)
	for i, a := range d.Arrays {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j, v := range a.Values {
			if j > 0 {
				b = append(b, ',')
			}
			switch v.Kind {
			case Integer:
				b = strconv.AppendInt(b, v.Int(), 10)
			case Boolean:
				b = strconv.AppendBool(b, v.Int() != 0)
			case Felt:
				b = append(b, '"')
				b = append(b, IntHex(v.Int())...)
				b = append(b, '"')
			default:
				f := v.Float()
				if math.IsNaN(f) || math.IsInf(f, 0) {
					return 0, fmt.Errorf("%s: %v has no JSON form", d.At(&d.Arrays[i], j), f)
				}
				b = strconv.AppendFloat(b, f, 'g', -1, 64)
			}
		}
		b = append(b, ']')
	}
	n, err := w.Write(append(b, "]}"...))
	return int64(n), err
}
