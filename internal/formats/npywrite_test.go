package formats

import (
	"bytes"
	"slices"
	"testing"
)

// What NPZFile writes, ParseData reads.
func TestNPZFile(t *testing.T) {
	var b bytes.Buffer
	f := NPZFile{{Name: "x", Shape: []int{2, 1, 2}, Values: []float64{0.5, -1, 3, 0.25}}, {Name: "y", Shape: []int{2}, Values: []float64{7, -9}, Whole: true}}
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	d, err := ParseData("adv.npz", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range d.Arrays {
		var got []float64
		for _, v := range a.Values {
			got = append(got, v.Float())
		}
		if a.Name != f[i].Name || !slices.Equal(a.Shape, f[i].Shape) || !slices.Equal(got, f[i].Values) {
			t.Errorf("array %d: %s %v %v", i, a.Name, a.Shape, got)
		}
	}
	if d.Arrays[1].Values[1].Kind != Integer {
		t.Error("integers are read as reals")
	}
}
