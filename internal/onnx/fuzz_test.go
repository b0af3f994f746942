package onnx

import (
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/onnx/testdata"
	"github.com/ezkl-go/ezkl/internal/test/mutate"
	"google.golang.org/protobuf/encoding/protowire"
)

// FuzzDecodeONNX: no bytes make the decoder or the builder of graphs panic, and errors are one line.
func FuzzDecodeONNX(f *testing.F) {
	cases, err := testdata.All()
	if err != nil {
		f.Fatal(err)
	}
	for i := range cases {
		f.Add(cases[i].Model)
	}
	f.Add([]byte("EZKLCIRC"))
	f.Add(model17(input("x", 1, -1, 3), relu("x", "y"), output("y")))
	f.Add(model17(initialiser("w", 22, []int64{3}, []byte{0x21, 0x03}), node("a", "Cast", l("w"), l("y"), attrOf("to", attrInt, num(3, 1))), output("y")))
	f.Fuzz(decodes)
}

// FuzzMessage is FuzzDecodeONNX for models whose messages keep right lengths: fields are dropped, doubled, moved, taken from
// another model, renumbered, and given other values.
func FuzzMessage(f *testing.F) {
	corpus := mutate.NewCorpus(f, Source)
	f.Fuzz(func(t *testing.T, pick uint16, program []byte) {
		p := &edits{rest: program}
		model := corpus.Cases[int(pick)%len(corpus.Cases)].Model
		other := corpus.Cases[(int(pick)/7+len(program))%len(corpus.Cases)].Model
		for k := 0; k < 16 && len(p.rest) > 0; k++ {
			model = p.edit(model, other)
		}
		decodes(t, model)
	})
}

// decodes is what the decoder promises for any bytes.
func decodes(t *testing.T, data []byte) {
	mutate.Bounded(t, func() {
		g, err := Decode(data, Options{Variables: map[string]int{"batch_size": 1}})
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") || strings.Contains(err.Error(), "internal error") {
				t.Errorf("%q", err)
			}
			return
		}
		if err := g.Check(); err != nil {
			t.Error(err)
		}
	})
}

// edits reads choices from a program; past its end all choices are 0.
type edits struct{ rest []byte }

func (p *edits) below(n int) int {
	if len(p.rest) == 0 || n <= 1 {
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return int(b) % n
}

// raw are the fields of a message, each with its tag; nil if b is no message.
func raw(b []byte) [][]byte {
	var out [][]byte
	for len(b) > 0 {
		_, _, n := protowire.ConsumeField(b)
		if n < 0 {
			return nil
		}
		out, b = append(out, b[:n]), b[n:]
	}
	return out
}

// edit changes one field of a message, at any depth.
func (p *edits) edit(b, other []byte) []byte {
	list := raw(b)
	if len(list) == 0 {
		return protowire.AppendVarint(protowire.AppendTag(nil, protowire.Number(1+p.below(30)), protowire.VarintType), uint64(p.below(256)))
	}
	k := p.below(len(list))
	num, kind, n := protowire.ConsumeTag(list[k])
	if inner, _ := protowire.ConsumeBytes(list[k][n:]); kind == protowire.BytesType && p.below(8) != 0 && raw(inner) != nil {
		list[k] = message(num, p.edit(inner, other))
		return slices.Concat(list...)
	}
	switch p.below(8) {
	case 0:
		list = slices.Delete(list, k, k+1)
	case 1:
		list = slices.Insert(list, k, list[k])
	case 2:
		j := p.below(len(list))
		list[k], list[j] = list[j], list[k]
	case 3:
		if taken := raw(other); len(taken) > 0 {
			list = slices.Insert(list, k, taken[p.below(len(taken))])
		}
	case 4:
		list[k] = append(protowire.AppendTag(nil, protowire.Number(1+p.below(30)), kind), list[k][n:]...)
	case 5:
		list[k] = protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), 1<<p.below(64)-uint64(p.below(2)))
	case 6:
		list[k] = message(num, list[k][min(n+p.below(256), len(list[k])):])
	default:
		if inner, _ := protowire.ConsumeBytes(list[k][n:]); kind == protowire.BytesType && len(inner) > 0 {
			inner = slices.Clone(inner)
			inner[p.below(len(inner))] ^= byte(1 << p.below(8))
			list[k] = message(num, inner)
		} else {
			list[k] = protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), uint64(p.below(256)))
		}
	}
	return slices.Concat(list...)
}

func message(num protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), b)
}
