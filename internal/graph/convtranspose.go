package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// ConvTransposeParams describe a ConvTranspose: x [N, C, spatial..], weights [C, M/Group, kernel..], bias [M]. Input position
// i adds to output positions i*stride + k*dilation - PadBegin. In and Out of the window are those of the node.
type ConvTransposeParams struct {
	Window
	Group         int
	OutputPadding []int
}

// ConvTransposeOf resolves a ConvTranspose's attributes.
func ConvTransposeOf(n *Node) (ConvTransposeParams, error) {
	x, w := n.Inputs[0].Shape, n.Inputs[1].Shape
	if len(x) < 3 || len(w) != len(x) || w[0] != x[1] {
		return ConvTransposeParams{}, fmt.Errorf("input of shape %v with weights of shape %v", x, w)
	}
	p := ConvTransposeParams{Group: int(min(n.Attrs.Int("group", 1), 1<<30))}
	if p.Group < 1 || x[1]%p.Group != 0 {
		return p, fmt.Errorf("input of shape %v with weights of shape %v in %d groups", x, w, p.Group)
	}
	if _, err := tensor.CheckedSize([]int{w[1], p.Group}); err != nil {
		return p, err
	}
	if b := n.In(2); b != nil && !tensor.SameShape(b.Shape, []int{w[1] * p.Group}) {
		return p, fmt.Errorf("bias of shape %v for %d channels", b.Shape, w[1]*p.Group)
	}
	rank := len(x) - 2
	// strides, dilations and pads have the same rules as a convolution's; lengths do not
	probe := &Node{Op: n.Op, Attrs: Attrs{}}
	for _, name := range []string{"strides", "dilations", "pads"} {
		if v, ok := n.Attrs[name]; ok {
			probe.Attrs[name] = v
		}
	}
	big := make([]int, rank)
	for i := range big {
		big[i] = 1 << 56 // any window fits
	}
	var err error
	if p.Window, err = probe.window(big, w[2:]); err != nil {
		return p, err
	}
	p.In, p.OutputPadding = x[2:], make([]int, rank)
	if list := n.Attrs.Ints("output_padding"); list != nil {
		if p.OutputPadding, err = toInts(list); err != nil || len(list) != rank {
			return p, fmt.Errorf("output_padding %v", list)
		}
	}
	want, err := toInts(n.Attrs.Ints("output_shape"))
	if err != nil {
		return p, err
	}
	if len(want) == rank+2 {
		want = want[2:]
	}
	auto := n.Attrs.String("auto_pad", "NOTSET")
	for i := range rank {
		span := (p.Kernel[i]-1)*p.Dilations[i] + 1
		full := (p.In[i]-1)*p.Strides[i] + p.OutputPadding[i] + span
		switch {
		case len(want) == rank:
			p.Out[i] = want[i]
		case auto == "SAME_UPPER" || auto == "SAME_LOWER":
			p.Out[i] = min(full, p.In[i]*p.Strides[i]) // as onnxruntime: it pads, it does not extend
		default:
			if auto == "VALID" {
				p.PadBegin[i], p.PadEnd[i] = 0, 0
			}
			p.Out[i] = full - p.PadBegin[i] - p.PadEnd[i]
			if p.Out[i] < 1 {
				return p, fmt.Errorf("axis %d of the output has length %d", i+2, p.Out[i])
			}
			continue
		}
		total := max(0, full-p.Out[i])
		p.PadBegin[i] = total - total/2
		if auto == "SAME_UPPER" {
			p.PadBegin[i] = total / 2
		}
		p.PadEnd[i] = total - p.PadBegin[i]
	}
	return p, nil
}

func inferConvTranspose(n *Node) error {
	p, err := ConvTransposeOf(n)
	if err != nil {
		return err
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].Type, append([]int{n.Inputs[0].Shape[0], n.Inputs[1].Shape[1] * p.Group}, p.Out...))
}

// evalConvTranspose is the transpose of a convolution: rows of the window that maps the output back to the input.
func evalConvTranspose(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := ConvTransposeOf(n)
	if err != nil {
		return nil, err
	}
	x, w := in[0], in[1]
	batch, channels, perOut := x.Shape[0], x.Shape[1], w.Shape[1]
	outChannels, perGroup := perOut*p.Group, channels/p.Group
	inSize, outSize, kSize := tensor.Size(p.In), tensor.Size(p.Out), tensor.Size(p.Kernel)
	back := p.Window
	back.In, back.Out = p.Out, p.In
	rows, each := back.rows()
	y := make([]float64, batch*outChannels*outSize)
	parallel.Ranges(batch*outChannels, 1+(1<<16)/(1+inSize*perGroup*kSize), func(lo, hi int) {
		for job := lo; job < hi; job++ {
			b, m := job/outChannels, job%outChannels
			out := y[job*outSize : (job+1)*outSize]
			g := m / perOut
			for c := g * perGroup; c < (g+1)*perGroup; c++ {
				src := x.Floats[(b*channels+c)*inSize:][:inSize]
				ker := w.Floats[(c*perOut+m%perOut)*kSize:][:kSize]
				add := func(r row) {
					a, j := ker[r.k], r.in
					for _, v := range src[r.out : r.out+r.n] {
						out[j] += float64(a * v)
						j += r.step
					}
				}
				for _, r := range rows {
					add(r)
				}
				if each {
					back.eachRow(add)
				}
			}
			if len(in) > 2 && in[2] != nil {
				for i := range out {
					out[i] += in[2].Floats[m]
				}
			}
		}
	})
	return one(tensor.FromFloats(n.Outputs[0].Type, y, n.Outputs[0].Shape...), nil)
}
