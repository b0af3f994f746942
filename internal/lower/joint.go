package lower

import (
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
)

// joint makes the tensors that are one tensor at several steps (quant.Steps) alike: they get the bound that the widest of them
// has, so the same unit, and the constants and tables that they meet are the same in each step. What the bounds are is known
// after a first compilation, which only learns them; the next one uses them.
//
// A bound only chooses units and sizes. So this changes neither what is proven nor whether it is sound.
type joint struct {
	class    map[string]int // of a tensor, by name
	learning bool
	figures  map[figure]float64
}

// figure is what steps agree on: the largest that one of them has.
type figure struct {
	what  string
	class int
}

// Figures of a class.
const (
	jointBound     = "bound"     // of honest inputs
	jointPrecision = "precision" // the magnitude that decides the unit of weights
	jointHalf      = "half "     // interval of a function's table; the function follows
)

// newJoint also gives the parameters whose ranges are those of classes; it is nil where every tensor stands alone.
func newJoint(g *graph.Graph, p *quant.Params) (*joint, *quant.Params) {
	if !p.Joined || p.Global != nil {
		return nil, p
	}
	lists := quant.Steps(g)
	if len(lists) == 0 {
		return nil, p
	}
	j := &joint{class: map[string]int{}, learning: true, figures: map[figure]float64{}}
	for i, names := range lists {
		for _, name := range names {
			j.class[name] = i
		}
	}
	return j, p.Join(lists)
}

// sharing is how much cheaper a circuit has to be whose steps share nothing, for other costs than its price: the contract reads
// every block.
const sharing = 0.95

// compile lowers with shared scales (parameters shared), and without (parameters p): it gives the circuit that is cheaper.
func (j *joint) compile(g *graph.Graph, p, shared *quant.Params, o Options) (*Compiled, error) {
	apart, err := widths(g, p, o)
	o.joint = j
	learn := o
	if learn.Width == 0 {
		learn.Width = 8
	}
	if _, _, bad := lowered(g, shared, learn); bad != nil {
		return apart, err
	}
	j.learning = false
	out, bad := widths(g, shared, o)
	if bad != nil {
		return apart, err
	}
	if err == nil {
		a, b := apart.price(), out.price()
		if a < sharing*b || a <= b && len(apart.Circuit.Blocks) <= len(out.Circuit.Blocks) {
			return apart, nil
		}
	}
	return out, nil
}

// of is a figure of a tensor's class. While learning it is the tensor's own, which is noted; so it is for one that stands alone.
func (j *joint) of(what, name string, own float64) float64 {
	common, _ := j.note(what, name, own)
	return max(common, own)
}

// note is a figure of a class, where that is known.
func (j *joint) note(what, name string, own float64) (common float64, ok bool) {
	if j == nil {
		return 0, false
	}
	class, joined := j.class[name]
	if !joined {
		return 0, false
	}
	f := figure{what, class}
	if j.learning {
		j.figures[f] = max(j.figures[f], own)
		return 0, false
	}
	common, ok = j.figures[f]
	return common, ok
}
