package formats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scanner walks a JSON text without building a tree, and knows at every point where it is: its errors read
// "input.json: input_data[0][17]: found NaN, want a number". It is strict: no duplicate keys, no invalid UTF-8, no
// numbers that JSON does not know, nothing after the value.
type scanner struct {
	name string // of the file, for messages
	data []byte
	pos  int
	path []step
}

type step struct {
	key   string
	index int // -1: an object member
}

const maxDepth = 64

func newScanner(name string, data []byte) *scanner {
	return &scanner{name: name, data: bytes.TrimPrefix(data, []byte("\ufeff"))}
}

// where is the path of the current value, such as input_data[0][17].
func (s *scanner) where() string {
	var b strings.Builder
	for _, p := range s.path {
		switch {
		case p.index >= 0:
			fmt.Fprintf(&b, "[%d]", p.index)
		case b.Len() > 0:
			b.WriteString("." + printable(p.key))
		default:
			b.WriteString(printable(p.key))
		}
	}
	at := b.String()
	if len(at) > 200 {
		at = at[:100] + " .. " + at[len(at)-80:]
	}
	return strings.ToValidUTF8(at, "")
}

// printable is a key or string for a message: one line, not too long.
func printable(key string) string {
	if len(key) > 40 {
		key = key[:40] + ".."
	}
	q := strconv.Quote(key)
	return q[1 : len(q)-1]
}

// fail makes an error about the current value.
func (s *scanner) fail(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if at := s.where(); at != "" {
		text = at + ": " + text
	}
	if s.name != "" {
		text = s.name + ": " + text
	}
	return fmt.Errorf("%s", text)
}

func (s *scanner) want(what string) error {
	if s.peek() == 0 && s.pos >= len(s.data) {
		return s.fail("the file ends here, want %s", what)
	}
	return s.fail("found %s, want %s", s.found(), what)
}

// found describes what comes next.
func (s *scanner) found() string {
	c := s.peek()
	switch {
	case c == 0 && s.pos >= len(s.data):
		return "the end of the file"
	case c == '"':
		return "a string"
	case c == '[':
		return "a list"
	case c == '{':
		return "an object"
	case c == '-' || c >= '0' && c <= '9':
		end := s.pos
		for end < len(s.data) && end < s.pos+32 && strings.IndexByte(" \t\r\n,]}", s.data[end]) < 0 {
			end++
		}
		return printable(string(s.data[s.pos:end]))
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		end := s.pos
		for end < len(s.data) && end < s.pos+16 && (s.data[end]|0x20 >= 'a' && s.data[end]|0x20 <= 'z') {
			end++
		}
		return string(s.data[s.pos:end])
	}
	r, _ := utf8.DecodeRune(s.data[s.pos:])
	return fmt.Sprintf("%q", r)
}

// peek is the next byte that is no space, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// next consumes the byte c, or says that it is missing.
func (s *scanner) next(c byte, what string) error {
	if s.peek() != c || s.pos >= len(s.data) {
		return s.want(what)
	}
	s.pos++
	return nil
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return s.fail("found %s after the end of the JSON text", s.found())
	}
	return nil
}

// object calls f at each member's value; f must consume it.
func (s *scanner) object(f func(key string) error) error {
	if err := s.next('{', "an object"); err != nil {
		return err
	}
	if len(s.path) >= maxDepth {
		return s.fail("nested more than %d deep", maxDepth)
	}
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	seen := map[string]bool{}
	for {
		key, err := s.text("a key")
		if err != nil {
			return err
		}
		if seen[key] {
			return s.fail("the key %q occurs twice", printable(key))
		}
		seen[key] = true
		if err := s.next(':', "a colon"); err != nil {
			return err
		}
		s.path = append(s.path, step{key, -1})
		if err := f(key); err != nil {
			return err
		}
		s.path = s.path[:len(s.path)-1]
		if s.peek() == '}' {
			s.pos++
			return nil
		}
		if err := s.next(',', "a comma or the end of the object"); err != nil {
			return err
		}
	}
}

// list calls f at each element; f must consume it.
func (s *scanner) list(f func(i int) error) error {
	if err := s.next('[', "a list"); err != nil {
		return err
	}
	if len(s.path) >= maxDepth {
		return s.fail("nested more than %d deep", maxDepth)
	}
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for i := 0; ; i++ {
		s.path = append(s.path, step{"", i})
		if err := f(i); err != nil {
			return err
		}
		s.path = s.path[:len(s.path)-1]
		if s.peek() == ']' {
			s.pos++
			return nil
		}
		if err := s.next(',', "a comma or the end of the list"); err != nil {
			return err
		}
	}
}

// text reads a string; what names it in errors.
func (s *scanner) text(what string) (string, error) {
	if s.peek() != '"' {
		return "", s.want(what)
	}
	start, plain := s.pos, true
	for i := s.pos + 1; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			raw := s.data[start+1 : i]
			if plain {
				return string(raw), nil
			}
			var out string
			if !utf8.Valid(raw) || json.Unmarshal(s.data[start:i+1], &out) != nil {
				s.pos = start
				return "", s.fail("a string with invalid characters")
			}
			return out, nil
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			return "", s.fail("a string with a control character")
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return "", s.fail("the file ends inside a string")
}

// literal consumes the word if it comes next.
func (s *scanner) literal(word string) bool {
	s.peek()
	rest := s.data[s.pos:]
	if !bytes.HasPrefix(rest, []byte(word)) {
		return false
	}
	if len(rest) > len(word) {
		if c := rest[len(word)] | 0x20; c >= 'a' && c <= 'z' || rest[len(word)] == '_' {
			return false
		}
	}
	s.pos += len(word)
	return true
}

func (s *scanner) null() bool { return s.literal("null") }

func (s *scanner) boolean() (bool, error) {
	switch {
	case s.literal("true"):
		return true, nil
	case s.literal("false"):
		return false, nil
	}
	return false, s.want("true or false")
}

// number is the text of the JSON number that comes next; integer says that it has neither fraction nor exponent.
func (s *scanner) number(what string) (text []byte, integer bool, err error) {
	s.peek()
	d, i := s.data, s.pos
	digits := func() bool {
		from := i
		for i < len(d) && d[i] >= '0' && d[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(d) && d[i] == '-' {
		i++
	}
	integer = true
	if i < len(d) && d[i] == '0' {
		i++
	} else if !digits() {
		return nil, false, s.want(what)
	}
	if i < len(d) && d[i] == '.' {
		integer = false
		i++
		if !digits() {
			return nil, false, s.want(what)
		}
	}
	if i < len(d) && d[i]|0x20 == 'e' {
		integer = false
		i++
		if i < len(d) && (d[i] == '+' || d[i] == '-') {
			i++
		}
		if !digits() {
			return nil, false, s.want(what)
		}
	}
	if i < len(d) && strings.IndexByte(" \t\r\n,]}", d[i]) < 0 {
		return nil, false, s.want(what)
	}
	text = d[s.pos:i]
	s.pos = i
	return text, integer, nil
}

// integer reads an integer of lo..hi.
func (s *scanner) integer(lo, hi int64) (int64, error) {
	start := s.pos
	text, whole, err := s.number("an integer")
	if err != nil {
		return 0, err
	}
	v, perr := strconv.ParseInt(string(text), 10, 64)
	if !whole || perr != nil {
		s.pos = start
		return 0, s.want("an integer")
	}
	if v < lo || v > hi {
		return 0, s.fail("%d is outside %d..%d", v, lo, hi)
	}
	return v, nil
}

// float reads a finite number.
func (s *scanner) float() (float64, error) {
	text, _, err := s.number("a number")
	if err != nil {
		return 0, err
	}
	v, perr := strconv.ParseFloat(string(text), 64)
	if perr != nil || math.IsInf(v, 0) {
		return 0, s.fail("%s is too large for a 64-bit number", printable(string(text)))
	}
	return v, nil
}

// skip consumes any value.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func(string) error { return s.skip() })
	case c == '[':
		return s.list(func(int) error { return s.skip() })
	case c == '"':
		_, err := s.text("a string")
		return err
	case c == '-' || c >= '0' && c <= '9':
		_, _, err := s.number("a number")
		return err
	case s.null() || s.literal("true") || s.literal("false"):
		return nil
	}
	return s.want("a JSON value")
}

// raw is the text of any value.
func (s *scanner) raw() (json.RawMessage, error) {
	s.peek()
	start := s.pos
	if err := s.skip(); err != nil {
		return nil, err
	}
	return json.RawMessage(bytes.Clone(s.data[start:s.pos])), nil
}
