package formats

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/field"
)

// FeltHex is the JSON form of a field element: 64 hexadecimal digits, little-endian.
func FeltHex(e *fr.Element) string {
	b := e.Bytes()
	slices.Reverse(b[:])
	return hex.EncodeToString(b[:])
}

// IntHex is the JSON form of the field element that embeds v.
func IntHex(v int64) string {
	e := field.FromInt(v)
	return FeltHex(&e)
}

// PrettyHex is the form of "pretty" fields: 0x and 64 hexadecimal digits, big-endian.
func PrettyHex(e *fr.Element) string {
	b := e.Bytes()
	return "0x" + hex.EncodeToString(b[:])
}

// ParseFelt reads the JSON form of a field element. It accepts exactly one text for each element, up to letter case.
func ParseFelt(s string) (fr.Element, error) {
	if len(s) >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		return fr.Element{}, fmt.Errorf("field elements are little-endian without 0x")
	}
	if len(s) != 2*fr.Bytes {
		return fr.Element{}, fmt.Errorf("a field element has %d hexadecimal digits, not %d", 2*fr.Bytes, len(s))
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return fr.Element{}, fmt.Errorf("a field element has only hexadecimal digits")
	}
	slices.Reverse(b)
	e, err := field.Decode(b)
	if err != nil {
		return fr.Element{}, fmt.Errorf("the field element is not below the modulus")
	}
	return e, nil
}

// ParseFeltInt reads a field element that embeds an integer of absolute value below 2^63.
func ParseFeltInt(s string) (int64, error) {
	e, err := ParseFelt(s)
	if err != nil {
		return 0, err
	}
	v, ok := field.ToInt(&e)
	if !ok {
		return 0, fmt.Errorf("the field element is no integer of absolute value below 2^63")
	}
	return v, nil
}
