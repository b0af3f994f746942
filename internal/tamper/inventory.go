package tamper

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// Event is one step of a transcript: a challenge drawn, or something absorbed.
type Event struct {
	Challenge bool
	Label     string
}

// Inventory lists the steps of a proof's transcript in order. It is the reviewed list of everything that Fiat-Shamir binds: a
// change here is a change of the protocol.
func Inventory(lay *layout.Layout) []Event {
	absorb := func(label string) Event { return Event{false, label} }
	squeeze := func(label string) Event { return Event{true, label} }
	out := []Event{absorb("key"), absorb("instances"), absorb("C_W"), squeeze("alpha"), squeeze("beta"), absorb("C_H")}
	repeat := func(n int, es ...Event) {
		for range n {
			out = append(out, es...)
		}
	}
	repeat(lay.RhoVars, squeeze("rho"))
	repeat(lay.ZetaVars, squeeze("zeta"))
	repeat(1, squeeze("gamma"), absorb("S"))
	repeat(len(lay.Degrees), absorb("round1"), squeeze("round1"))
	repeat(1, absorb("claims"), squeeze("delta"), absorb("G2"), squeeze("mu"))
	repeat(lay.N, absorb("round2"), squeeze("round2"))
	repeat(1, absorb("C_S"), squeeze("z*"), absorb("values"), squeeze("batch"), absorb("W"), squeeze("w"), absorb("W'"))
	return out
}

// Challenges derives every challenge of a proof from the inventory: those that a verifier draws who absorbs exactly these
// values under these labels in this order.
func Challenges(lay *layout.Layout, kind transcript.Kind, digest [32]byte, inst []fr.Element, b []byte) ([]fr.Element, error) {
	t := transcript.New(kind, claims.DomainProof)
	r := proof.NewReader(b, t) // absorbs what it reads
	messages := Manifest(lay)
	var out []fr.Element
	for _, e := range Inventory(lay) {
		switch {
		case e.Challenge:
			out = append(out, t.Challenge(e.Label))
			continue
		case e.Label == "key":
			t.Digest("key", digest)
			continue
		case e.Label == "instances":
			t.Scalars("instances", inst)
			continue
		}
		m := messages[0]
		messages = messages[1:]
		var err error
		if m.Points {
			_, err = r.Points(e.Label, m.Count)
		} else {
			_, err = r.Scalars(e.Label, m.Count)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, r.Close()
}
