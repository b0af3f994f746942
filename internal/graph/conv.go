package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

var convOps = []*Op{
	{Name: "Conv", MinIn: 2, MaxIn: 3, Infer: inferConv, Eval: evalConv},
	{Name: "ConvTranspose", MinIn: 2, MaxIn: 3, Infer: inferConvTranspose, Eval: evalConvTranspose},
}

// ConvParams describe a Conv: x [N, C, spatial..] with weights [M, C/Group, kernel..] and an optional bias [M].
type ConvParams struct {
	Window
	Group int
}

// ConvOf resolves a Conv's attributes.
func ConvOf(n *Node) (ConvParams, error) {
	x, w := n.Inputs[0].Shape, n.Inputs[1].Shape
	if len(x) < 3 || len(w) != len(x) {
		return ConvParams{}, fmt.Errorf("input of shape %v with weights of shape %v", x, w)
	}
	p := ConvParams{Group: int(min(n.Attrs.Int("group", 1), 1<<30))}
	if p.Group < 1 || w[1] != x[1]/p.Group || x[1]%p.Group != 0 || w[0]%p.Group != 0 {
		return p, fmt.Errorf("input of shape %v with weights of shape %v in %d groups", x, w, p.Group)
	}
	if list, ok := n.Attrs["kernel_shape"].([]int64); ok {
		k, err := toInts(list)
		if err != nil || !tensor.SameShape(k, w[2:]) {
			return p, fmt.Errorf("kernel_shape %v with weights of shape %v", list, w)
		}
	}
	if b := n.In(2); b != nil && !tensor.SameShape(b.Shape, w[:1]) {
		return p, fmt.Errorf("bias of shape %v for %d channels", b.Shape, w[0])
	}
	if n.Attrs.Int("ceil_mode", 0) != 0 {
		return p, fmt.Errorf("ceil_mode")
	}
	var err error
	p.Window, err = n.window(x[2:], w[2:])
	return p, err
}

func floatInputs(n *Node) error {
	for i, v := range n.Inputs {
		if v != nil && !v.Type.IsFloat() {
			return fmt.Errorf("input %d is %v, not a floating type", i, v.Type)
		}
	}
	return nil
}

func inferConv(n *Node) error {
	p, err := ConvOf(n)
	if err != nil {
		return err
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	x, w := n.Inputs[0].Shape, n.Inputs[1].Shape
	return n.set(0, n.Inputs[0].Type, append([]int{x[0], w[0]}, p.Out...))
}

// evalConv walks, for every output channel and every kernel entry, the row of outputs that the entry contributes to.
func evalConv(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := ConvOf(n)
	if err != nil {
		return nil, err
	}
	x, w := in[0], in[1]
	batch, channels, outChannels := x.Shape[0], x.Shape[1], w.Shape[0]
	perGroup, perOut := channels/p.Group, max(1, outChannels/p.Group)
	inSize, outSize, kSize := tensor.Size(p.In), tensor.Size(p.Out), tensor.Size(p.Kernel)
	y := make([]float64, batch*outChannels*outSize)
	rows, each := p.rows()
	parallel.Ranges(batch*outChannels, 1+(1<<16)/(1+outSize*perGroup*kSize), func(lo, hi int) {
		for job := lo; job < hi; job++ {
			b, m := job/outChannels, job%outChannels
			out := y[job*outSize : (job+1)*outSize]
			if len(in) > 2 && in[2] != nil {
				for i := range out {
					out[i] = in[2].Floats[m]
				}
			}
			for c := range perGroup {
				src := x.Floats[(b*channels+m/perOut*perGroup+c)*inSize:][:inSize]
				ker := w.Floats[(m*perGroup+c)*kSize:][:kSize]
				add := func(r row) {
					a := ker[r.k]
					if a == 0 {
						return
					}
					dst := out[r.out : r.out+r.n]
					if r.step == 1 {
						s := src[r.in : r.in+r.n]
						for i := range dst {
							dst[i] += float64(a * s[i])
						}
						return
					}
					j := r.in
					for i := range dst {
						dst[i] += float64(a * src[j])
						j += r.step
					}
				}
				for _, r := range rows {
					add(r)
				}
				if each {
					p.eachRow(add)
				}
			}
		}
	})
	return one(tensor.FromFloats(n.Outputs[0].Type, y, n.Outputs[0].Shape...), nil)
}

// row is a run of outputs along the last axis that one kernel entry reaches: out[o+i] takes in[i*step].
type row struct{ k, out, in, n, step int }

// maxRows bounds a list of runs.
const maxRows = 1 << 18

// rows lists all runs of a window, ordered by kernel entry; or it reports that they are too many for a list: see eachRow.
func (w *Window) rows() (list []row, each bool) {
	if most := maxRows / max(1, tensor.Size(w.Out[:len(w.Out)-1])); tensor.Size(w.Kernel) > most {
		return nil, true
	}
	w.eachRow(func(r row) { list = append(list, r) })
	return list, false
}

// eachRow calls f for all runs of a window, ordered by kernel entry.
func (w *Window) eachRow(f func(r row)) {
	rank := len(w.In)
	last := rank - 1
	inStr, outStr := tensor.Strides(w.In), tensor.Strides(w.Out)
	k := make([]int, rank)
	for flat := range tensor.Size(w.Kernel) {
		rest := flat
		for i := last; i >= 0; i-- {
			k[i] = rest % w.Kernel[i]
			rest /= w.Kernel[i]
		}
		// outputs o with 0 <= o*stride + off < in along the last axis
		off := k[last]*w.Dilations[last] - w.PadBegin[last]
		s := w.Strides[last]
		o0, o1 := 0, 0
		if off < 0 {
			o0 = (-off + s - 1) / s
		}
		if off < w.In[last] {
			o1 = min(w.Out[last], (w.In[last]-1-off)/s+1)
		}
		if o1 <= o0 {
			continue
		}
		tensor.Walk(w.Out[:last], nil, func(at int, _ []int) {
			// Walk gives runs along its last axis; step through them here
			run := 1
			if last > 0 {
				run = w.Out[last-1]
			}
			for at := at; at < at+run && run > 0; at, run = at+1, run-1 {
				pos, rest, inside := 0, at, true
				for i := last - 1; i >= 0; i-- {
					o := rest % w.Out[i]
					rest /= w.Out[i]
					j := o*w.Strides[i] + k[i]*w.Dilations[i] - w.PadBegin[i]
					if j < 0 || j >= w.In[i] {
						inside = false
						break
					}
					pos += j * inStr[i]
				}
				if inside {
					out := o0
					if last > 0 {
						out += at * outStr[last-1]
					}
					f(row{flat, out, pos + o0*s + off, o1 - o0, s})
				}
			}
		})
	}
}
