package formats

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// NPZArray is an array to write: Values, row-major, as 32-bit floats, or as 64-bit integers if Whole.
type NPZArray struct {
	Name   string
	Shape  []int
	Values []float64
	Whole  bool
}

// NPZFile is a .npz archive to write, for np.load.
type NPZFile []NPZArray

// WriteTo writes the archive. The number of bytes is that of the packed file.
func (f NPZFile) WriteTo(w io.Writer) (int64, error) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for i := range f {
		a, err := z.Create(f[i].Name + ".npy")
		if err != nil {
			return 0, err
		}
		if _, err := a.Write(f[i].npy()); err != nil {
			return 0, err
		}
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	return packed.WriteTo(w)
}

// npy is the array as a .npy file, version 1.
func (a *NPZArray) npy() []byte {
	descr := "<f4"
	if a.Whole {
		descr = "<i8"
	}
	shape := ""
	for _, d := range a.Shape {
		shape += fmt.Sprintf("%d, ", d)
	}
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, strings.TrimSuffix(shape, " "))
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n" // data starts at a multiple of 64
	out := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	out = append(out, head...)
	for _, v := range a.Values {
		if a.Whole {
			out = binary.LittleEndian.AppendUint64(out, uint64(int64(v)))
		} else {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
		}
	}
	return out
}
