package evm_test

import (
	"fmt"
	"regexp"
	"strings"
)

// yul walks the statements of an assembly block and collects where they begin.
type yul struct {
	text string
	at   int
	// statements are the places of all statements that run by themselves: no function definitions, no headers of loops
	statements []int
}

var yulBlank = regexp.MustCompile(`^(\s+|//[^\n]*\n)+`)
var yulWord = regexp.MustCompile(`^[A-Za-z0-9_.$]+`)

func (y *yul) skip() { y.at += len(yulBlank.FindString(y.text[y.at:])) }

func (y *yul) word() string {
	y.skip()
	w := yulWord.FindString(y.text[y.at:])
	if w == "" {
		panic(fmt.Sprintf("yul: no word at %.40q", y.text[y.at:]))
	}
	y.at += len(w)
	return w
}

// accept moves over a sign, if it comes next.
func (y *yul) accept(sign string) bool {
	y.skip()
	if strings.HasPrefix(y.text[y.at:], sign) {
		y.at += len(sign)
		return true
	}
	return false
}

func (y *yul) list(each func()) {
	each()
	for y.accept(",") {
		each()
	}
}

func (y *yul) name() { y.word() }

func (y *yul) expression() {
	y.word()
	y.arguments()
}

func (y *yul) arguments() {
	if y.accept("(") && !y.accept(")") {
		y.list(y.expression)
		y.accept(")")
	}
}

// block is a block; quiet: its statements are not listed.
func (y *yul) block(quiet bool) {
	if !y.accept("{") {
		panic(fmt.Sprintf("yul: no block at %.40q", y.text[y.at:]))
	}
	n := len(y.statements)
	for !y.accept("}") {
		y.statement()
	}
	if quiet {
		y.statements = y.statements[:n]
	}
}

func (y *yul) statement() {
	y.skip()
	begin := y.at
	if y.text[y.at] == '{' {
		y.block(false)
		return
	}
	w := y.word()
	if w == "function" {
		y.word()
		y.arguments()
		if y.accept("->") {
			y.list(y.name)
		}
		y.block(false)
		return
	}
	y.statements = append(y.statements, begin)
	switch w {
	case "let":
		y.list(y.name)
		if y.accept(":=") {
			y.expression()
		}
	case "if":
		y.expression()
		y.block(false)
	case "for":
		y.block(true)
		y.expression()
		y.block(true)
		y.block(false)
	case "switch":
		y.expression()
		for {
			y.skip()
			rest := y.text[y.at:]
			if strings.HasPrefix(rest, "case") {
				y.word()
				y.word()
			} else if strings.HasPrefix(rest, "default") {
				y.word()
			} else {
				return
			}
			y.block(false)
		}
	case "break", "continue", "leave":
	default:
		for y.accept(",") {
			y.word()
		}
		y.arguments()
		if y.accept(":=") {
			y.expression()
		}
	}
}

// statements are the places, in the source, of the statements of the assembly block that checks a call.
func statements(source string) []int {
	const head = "        assembly {\n            // ---- errors"
	begin := strings.Index(source, head)
	if begin < 0 {
		panic("the assembly block is not found")
	}
	y := &yul{text: source, at: begin + len("        assembly ")}
	y.block(false)
	return y.statements
}

// marked is the source with a log before every statement, whose topic is the statement's place in the source.
func marked(source string) string {
	var out strings.Builder
	done := 0
	for _, at := range statements(source) {
		out.WriteString(source[done:at])
		fmt.Fprintf(&out, "log1(0, 0, %d) ", at)
		done = at
	}
	out.WriteString(source[done:])
	return strings.NewReplacer(" internal view", " internal", " external view", " external").Replace(out.String())
}
