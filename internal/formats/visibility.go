package formats

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Visibility says who sees a tensor. The zero value is private.
type Visibility struct {
	Kind VisibilityKind
	// HashIsPublic and Outlets belong to Hashed: whether the hash is an instance, or stands in for the tensors listed.
	HashIsPublic bool
	Outlets      []int
}

// VisibilityKind is the kind of a Visibility.
type VisibilityKind uint8

const (
	Private   VisibilityKind = iota // only the prover knows it
	Public                          // an instance: everybody sees it
	Fixed                           // a constant of the verifying key
	Hashed                          // Poseidon hash in its place
	KZGCommit                       // unblinded commitment in the proof
)

// ParseVisibility reads the text form of flags: private, public, fixed, hashed, hashed/public, hashed/private/0,1 and
// polycommit. Letter case does not matter. Anything else is an error (ezkl silently makes it private).
func ParseVisibility(s string) (Visibility, error) {
	switch low := strings.ToLower(s); low {
	case "private":
		return Visibility{Kind: Private}, nil
	case "public":
		return Visibility{Kind: Public}, nil
	case "fixed":
		return Visibility{Kind: Fixed}, nil
	case "polycommit":
		return Visibility{Kind: KZGCommit}, nil
	case "hashed", "hashed/public":
		return Visibility{Kind: Hashed, HashIsPublic: true}, nil
	default:
		list, ok := strings.CutPrefix(low, "hashed/private")
		if !ok {
			return Visibility{}, fmt.Errorf("unknown visibility %q: use private, public or fixed", s)
		}
		v := Visibility{Kind: Hashed}
		list, _ = strings.CutPrefix(list, "/")
		for _, t := range strings.Split(list, ",") {
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 {
				return Visibility{}, fmt.Errorf("visibility %q: hashed/private needs the numbers of tensors, such as hashed/private/0,1", s)
			}
			v.Outlets = append(v.Outlets, i)
		}
		return v, nil
	}
}

// String is the text form.
func (v Visibility) String() string {
	switch v.Kind {
	case Public:
		return "public"
	case Fixed:
		return "fixed"
	case KZGCommit:
		return "polycommit"
	case Hashed:
		if v.HashIsPublic {
			return "hashed/public"
		}
		t := make([]string, len(v.Outlets))
		for i, o := range v.Outlets {
			t[i] = strconv.Itoa(o)
		}
		return "hashed/private/" + strings.Join(t, ",")
	}
	return "private"
}

// Set and Type make a Visibility a command-line flag.
func (v *Visibility) Set(s string) error {
	p, err := ParseVisibility(s)
	if err == nil {
		*v = p
	}
	return err
}

func (*Visibility) Type() string { return "visibility" }

// MarshalJSON writes the form of settings.json: "Private", "Public", "Fixed", "KZGCommit" or {"Hashed": {..}}.
func (v Visibility) MarshalJSON() ([]byte, error) {
	switch v.Kind {
	case Public:
		return []byte(`"Public"`), nil
	case Fixed:
		return []byte(`"Fixed"`), nil
	case KZGCommit:
		return []byte(`"KZGCommit"`), nil
	case Hashed:
		h := hashedJSON{v.HashIsPublic, v.Outlets}
		if h.Outlets == nil {
			h.Outlets = []int{}
		}
		return json.Marshal(map[string]hashedJSON{"Hashed": h})
	}
	return []byte(`"Private"`), nil
}

type hashedJSON struct {
	HashIsPublic bool  `json:"hash_is_public"`
	Outlets      []int `json:"outlets"`
}

func (s *scanner) visibility() (Visibility, error) {
	if s.peek() == '{' {
		v := Visibility{Kind: Hashed}
		err := s.object(func(key string) error {
			if key != "Hashed" {
				return s.fail("unknown visibility")
			}
			return s.object(func(key string) (err error) {
				switch key {
				case "hash_is_public":
					v.HashIsPublic, err = s.boolean()
				case "outlets":
					err = s.list(func(int) error {
						o, err := s.integer(0, 1<<20)
						v.Outlets = append(v.Outlets, int(o))
						return err
					})
				default:
					err = s.fail("unknown key")
				}
				return err
			})
		})
		return v, err
	}
	t, err := s.text("a visibility")
	if err != nil {
		return Visibility{}, err
	}
	for k, name := range [...]string{Private: "Private", Public: "Public", Fixed: "Fixed", KZGCommit: "KZGCommit"} {
		if name != "" && t == name {
			return Visibility{Kind: VisibilityKind(k)}, nil
		}
	}
	return Visibility{}, s.fail("unknown visibility %q, want \"Private\", \"Public\" or \"Fixed\"", printable(t))
}
