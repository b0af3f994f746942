package circuit_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/tamper"
)

func TestEncodingRoundTrip(t *testing.T) {
	c := tamper.Toy()
	b := c.Encode()
	d, err := circuit.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(d.Encode(), b) || d.Text() != c.Text() {
		t.Fatal("decoding changes the circuit")
	}
	if got := c.Digest(); got != d.Digest() {
		t.Fatal("digest differs")
	}
	for i := range b { // every prefix is refused
		if _, err := circuit.Decode(b[:i]); err == nil {
			t.Fatalf("prefix of %d bytes accepted", i)
		}
	}
	if _, err := circuit.Decode(append(bytes.Clone(b), 0)); err == nil {
		t.Fatal("trailing byte accepted")
	}
}

// The digest of the smallest circuit pins encoding, label and hash.
func TestDigestVector(t *testing.T) {
	c := &circuit.Circuit{LogRow: 8}
	if got, want := hex.EncodeToString(c.Encode()), hex.EncodeToString([]byte("ezklcirc"))+"01"+"00000000000000"+"08"; got != want {
		t.Errorf("encoding %s, not %s", got, want)
	}
	d := c.Digest()
	const want = "6b328b55daf813b013aded34296c07ce817e7240418bcf77e1af7fdb0e36498f"
	if got := hex.EncodeToString(d[:]); got != want {
		t.Errorf("digest %s, not %s", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	empty := (&circuit.Circuit{LogRow: 8}).Encode()
	edit := func(at int, b ...byte) []byte {
		return append(append(bytes.Clone(empty[:at]), b...), empty[at+1:]...)
	}
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "not a circuit"},
		{"other magic", edit(0, 'x'), "not a circuit"},
		{"other version", edit(8, 2), "version 2"},
		{"varint not minimal", edit(16, 0x88, 0), "not minimal"},
		{"varint too long", edit(16, bytes.Repeat([]byte{0xff}, 11)...), "not minimal"},
		{"more elements than bytes", edit(9, 100), "a list of 100 elements"},
		{"a list beyond its limit", edit(9, 0xff, 0xff, 0xff, 0x7f), "at most"},
		{"check runs", edit(16, 3), "row length"},
	} {
		if _, err := circuit.Decode(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, not %q", c.name, err, c.want)
		}
	}
}

// TestMalformedEncodings: what the fuzzer calls malformed is refused, and each number that it changes is where it says.
func TestMalformedEncodings(t *testing.T) {
	for _, m := range tamper.Encodings() {
		if _, err := circuit.Decode(m.Make()); err == nil {
			t.Errorf("%s is accepted", m.String())
		} else if m.Operator == "beyond its limit" && !strings.Contains(err.Error(), "is possible") && !strings.Contains(err.Error(), "a list of") {
			t.Errorf("%s: %v", m.String(), err)
		}
	}
}

// Whatever bytes decode, they are the encoding of what they decode to.
func FuzzDecode(f *testing.F) {
	f.Add(tamper.Toy().Encode())
	f.Add((&circuit.Circuit{LogRow: 8}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := circuit.Decode(b)
		if err != nil {
			return
		}
		if !bytes.Equal(c.Encode(), b) {
			t.Fatal("two encodings of one circuit")
		}
		text := c.Text()
		d, err := circuit.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !bytes.Equal(d.Encode(), b) {
			t.Fatalf("text loses something\n%s", text)
		}
	})
}
