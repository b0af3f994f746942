package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/tamper"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

// challenges records what the verifier draws.
func (l *lab) challenges(k *verify.Key, inst []fr.Element, b []byte, kind transcript.Kind) ([]tamper.Event, []fr.Element, error) {
	var labels []tamper.Event
	var values []fr.Element
	t := transcript.New(kind, claims.DomainProof)
	t.Observe = func(label string, c *fr.Element) {
		labels = append(labels, tamper.Event{Challenge: true, Label: label})
		values = append(values, *c)
	}
	err := k.VerifyOn(inst, b, t)
	return labels, values, err
}

// TestP4_TranscriptGolden derives every challenge from the inventory and the proof's messages, and compares with those that
// the verifier draws: so the verifier absorbs exactly these values under these labels in this order.
func TestP4_TranscriptGolden(t *testing.T) {
	l := toyLab(t)
	for _, kind := range kinds {
		l.p.Kind = kind
		p := l.prove(l.values)
		labels, values, err := l.challenges(l.accepted, l.instances, p.Bytes, kind)
		if err != nil {
			t.Fatal(err)
		}
		derived, err := tamper.Challenges(l.lay, kind, l.accepted.Digest(), l.instances, p.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		var events []tamper.Event
		for _, e := range tamper.Inventory(l.lay) {
			if e.Challenge {
				events = append(events, e)
			}
		}
		if !slices.Equal(labels, events) || !slices.Equal(values, derived) {
			t.Errorf("%v: the verifier's challenges are not those of the inventory", kind)
		}
	}
}

// TestP1_P2_EveryValueIsAbsorbed changes each absorbed value, canonically: every later challenge changes, no earlier one does.
func TestP1_P2_EveryValueIsAbsorbed(t *testing.T) {
	l := toyLab(t)
	for _, kind := range kinds {
		l.p.Kind = kind
		b := l.prove(l.values).Bytes
		_, honest, _ := l.challenges(l.accepted, l.instances, b, kind)
		compare := func(what string, k *verify.Key, inst []fr.Element, b []byte, before int) {
			t.Helper()
			_, got, err := l.challenges(k, inst, b, kind)
			if err == nil {
				t.Errorf("%v, %s: accepted", kind, what)
			}
			if len(got) != len(honest) {
				t.Fatalf("%v, %s: %d challenges, not %d", kind, what, len(got), len(honest))
			}
			for i := range got {
				if same := got[i].Equal(&honest[i]); same != (i < before) {
					t.Errorf("%v, %s: challenge %d of %d unchanged: %v, but %d come before the value", kind, what, i, len(got), same, before)
					return
				}
			}
		}
		one := fr.One()
		for i := range l.instances {
			inst := slices.Clone(l.instances)
			inst[i].Add(&inst[i], &one)
			if code(t, l.accepted.Verify(inst, b, kind)) == verify.CodeInstance {
				inst[i] = fr.Element{}
				if inst[i].Equal(&l.instances[i]) {
					continue
				}
			}
			compare(fmt.Sprintf("instance %d", i), l.accepted, inst, b, 0)
		}
		// the key: circuit, rows, tau and mark
		for i := range l.vk.Rows {
			vk := l.withKey(func(vk *proof.VerifyingKey) { vk.Rows[i].Neg(&vk.Rows[i]) })
			compare(fmt.Sprintf("key row %d", i), verify.Unchecked(vk), l.instances, b, 0)
		}
		compare("tau", verify.Unchecked(l.withKey(func(vk *proof.VerifyingKey) { vk.Tau.Neg(&vk.Tau) })), l.instances, b, 0)
		compare("mark", verify.Unchecked(l.withKey(func(vk *proof.VerifyingKey) { vk.Unsafe = false })), l.instances, b, 0)
		changed := *l.net.C
		changed.Blocks = slices.Clone(changed.Blocks)
		changed.Blocks[0].Name = "P"
		compare("circuit", verify.Unchecked(l.withKey(func(vk *proof.VerifyingKey) { vk.Circuit = &changed })), l.instances, b, 0)
		// every message
		_, _, g1, _ := bn254.Generators()
		at, k := 0, 0
		before := 0
		for _, e := range tamper.Inventory(l.lay)[2:] {
			if e.Challenge {
				before++
				continue
			}
			m := tamper.Manifest(l.lay)[k]
			k++
			for i := range m.Count {
				if kind == verify.Poseidon && i > 0 && !full {
					continue
				}
				size := m.Size() / m.Count
				old := b[at+i*size : at+(i+1)*size]
				var with []byte
				if m.Points {
					with = proof.AppendPoint(nil, &g1)
				} else {
					x := new(fr.Element).SetBytes(old)
					x.Add(x, &one)
					y := x.Bytes()
					with = y[:]
				}
				compare(fmt.Sprintf("%s[%d]", m.Label, i), l.accepted, l.instances, splice(b, at+i*size, with), before)
			}
			at += m.Size()
		}
	}
}

// TestFrozenChallenges replays the honest challenges: what is refused then is held by the algebra, not only by the
// transcript. All of a proof is; the digest is not, and must be absorbed.
func TestFrozenChallenges(t *testing.T) {
	l := toyLab(t)
	_, honest, _ := l.challenges(l.accepted, l.instances, l.proof.Bytes, verify.EVM)
	frozen := func(k *verify.Key, inst []fr.Element, b []byte) error {
		tr := transcript.New(verify.EVM, claims.DomainProof)
		i := 0
		tr.Observe = func(_ string, c *fr.Element) {
			*c = honest[i]
			i++
		}
		return k.VerifyOn(inst, b, tr)
	}
	if err := frozen(l.accepted, l.instances, l.proof.Bytes); err != nil {
		t.Fatal(err)
	}
	for _, m := range tamper.Proof(l.lay, l.proof.Bytes) {
		b := m.Make()
		if slices.Equal(b, l.proof.Bytes) {
			continue
		}
		if err := frozen(l.accepted, l.instances, b); err == nil {
			t.Errorf("%s: accepted under frozen challenges", &m)
		}
	}
	for i := range l.instances {
		inst := slices.Clone(l.instances)
		inst[i] = fr.Element{}
		if inst[i].Equal(&l.instances[i]) {
			inst[i].SetOne()
		}
		if err := frozen(l.accepted, inst, l.proof.Bytes); err == nil {
			t.Errorf("instance %d changed: accepted under frozen challenges", i)
		}
	}
	for i := range l.vk.Rows {
		vk := l.withKey(func(vk *proof.VerifyingKey) { vk.Rows[i].Neg(&vk.Rows[i]) })
		if err := frozen(verify.Unchecked(vk), l.instances, l.proof.Bytes); err == nil {
			t.Errorf("key row %d changed: accepted under frozen challenges", i)
		}
	}
	changed := *l.net.C
	changed.Blocks = slices.Clone(changed.Blocks)
	changed.Blocks[0].Name = "P"
	vk := l.withKey(func(vk *proof.VerifyingKey) { vk.Circuit = &changed })
	if err := frozen(verify.Unchecked(vk), l.instances, l.proof.Bytes); err != nil {
		t.Errorf("another digest: %v, though the challenges do not see it", err)
	}
}

// TestDomains: each kind of proof has a domain of its own, and the transcript's frames keep labels and lengths apart.
func TestDomains(t *testing.T) {
	for _, kind := range kinds {
		seen := map[fr.Element]string{}
		note := func(what string, c fr.Element) {
			if other, ok := seen[c]; ok {
				t.Errorf("%v: %s and %s give the same challenge", kind, what, other)
			}
			seen[c] = what
		}
		x := []fr.Element{fr.NewElement(1), fr.NewElement(2)}
		for name, f := range map[string]func(t *transcript.Transcript){
			"nothing":          func(t *transcript.Transcript) {},
			"one scalar":       func(t *transcript.Transcript) { t.Scalars("a", x[:1]) },
			"two scalars":      func(t *transcript.Transcript) { t.Scalars("a", x) },
			"two messages":     func(t *transcript.Transcript) { t.Scalars("a", x[:1]); t.Scalars("a", x[1:]) },
			"no scalars":       func(t *transcript.Transcript) { t.Scalars("a", nil) },
			"another label":    func(t *transcript.Transcript) { t.Scalars("b", x) },
			"zero behind":      func(t *transcript.Transcript) { t.Scalars("a", append(slices.Clone(x), fr.Element{})) },
			"points":           func(t *transcript.Transcript) { t.Points("a", make([]bn254.G1Affine, 1)) },
			"two zeros":        func(t *transcript.Transcript) { t.Scalars("a", make([]fr.Element, 2)) },
			"digest":           func(t *transcript.Transcript) { t.Digest("a", [32]byte{}) },
			"one zero":         func(t *transcript.Transcript) { t.Scalars("a", make([]fr.Element, 1)) },
			"challenge before": func(t *transcript.Transcript) { t.Challenge("c") },
		} {
			for _, domain := range []string{claims.DomainProof, claims.DomainKey} {
				tr := transcript.New(kind, domain)
				f(tr)
				note(domain+": "+name, tr.Challenge("c"))
			}
		}
		tr := transcript.New(kind, "proof")
		note("another challenge's label", tr.Challenge("d"))
	}
}

// TestKeyProofDomain: a key proof verifies in its own domain only, even where everything else agrees.
func TestKeyProofDomain(t *testing.T) {
	l := toyLab(t)
	if err := l.accepted.VerifyKeyProofOn(l.vk.KeyProof, transcript.New(verify.EVM, claims.DomainKey)); err != nil {
		t.Fatal(err)
	}
	if err := l.accepted.VerifyKeyProofOn(l.vk.KeyProof, transcript.New(verify.EVM, claims.DomainProof)); err == nil {
		t.Error("a key proof verifies in the domain of proofs")
	}
	wrong := l.p.ProveAs(claims.DomainProof, l.kLay, l.vk.Digest(), l.key, make([]fr.Vector, len(l.values)), l.keyCoins)
	if err := l.accepted.VerifyKeyProofOn(wrong.Bytes, transcript.New(verify.EVM, claims.DomainProof)); err != nil {
		t.Errorf("the same statement in another domain: %v", err)
	}
	_, err := verify.NewKey(l.withKey(func(vk *proof.VerifyingKey) { vk.KeyProof = wrong.Bytes }))
	want(t, "a key proof made in the domain of proofs", err, verify.CodeKey)
	if !strings.HasPrefix(string(l.vk.Encode()), proof.MagicVK) {
		t.Error("a key file begins with its magic bytes")
	}
}
