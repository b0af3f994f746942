package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The contract's mutants: every check of EzklVerifier.sol is deleted, one at a time. A check is an `if` that refuses, a
// summand of what is collected in `bad`, `ok` or `good`, and an operand of `and` in either; in Solidity, a `require` and its
// operands, and an `if` that reverts. The tests run on the mutant's bytecode (flag -contract of internal/evm's tests).

const (
	contractSource = "internal/evm/contract/EzklVerifier.sol"
)

// contractTests are run in this order until one notices: the quick ones first.
var contractTests = []string{"TestE5|TestBatch|TestRegister|TestReusable", "TestE1|TestE2|TestE7"}

// equivalent are mutants that change nothing, with the reason.
var equivalent = map[string]string{
	"if iszero(eq(returndatasize(), 32))":                       "a precompile that fails returns nothing",
	"if iszero(eq(returndatasize(), 64))":                       "a precompile that fails returns nothing",
	"ok := eq(returndatasize(), 64)":                            "a precompile that fails returns nothing",
	"if iszero(eq(mulmod(acc, inverse, R), 1)) refuses no more": "two points of the opening coincide with probability 2^-250",
	"ok := and(eq(mul(n, size), total), gt(n, 0))":              "Solidity's decoder refuses lengths beyond the calldata",
	"require without vka.length < 24576":                        "the chain refuses code of 24577 bytes (EIP-170), and to create from 49153 (EIP-3860): longer than 2^16, too",
}

// contractMutant is one changed source.
type contractMutant struct{ name, source string }

var (
	refusal  = regexp.MustCompile(`\bif ([^{}\n]*) \{\s*(refuse\w*\()`)
	collects = regexp.MustCompile(`\b(bad|ok|good) := (or|and)\(`)
	reverts  = regexp.MustCompile(`\bif (\([^\n]*\)) revert `)
	requires = regexp.MustCompile(`\brequire\((.*), "`)
)

// contractMutants lists them.
func contractMutants(source string) []contractMutant {
	var out []contractMutant
	lineOf := func(at int) int { return 1 + strings.Count(source[:at], "\n") }
	add := func(at, from, to int, text, what string) {
		name := fmt.Sprintf("line %d: %s", lineOf(at), what)
		out = append(out, contractMutant{name, source[:from] + text + source[to:]})
	}
	for _, m := range refusal.FindAllStringSubmatchIndex(source, -1) {
		add(m[0], m[2], m[3], "0", "if "+source[m[2]:m[3]]+" refuses no more")
		operands(source, m[2], m[3], func(from, to int, text string) {
			add(m[0], from, to, text, "if "+source[m[2]:from]+text+source[to:m[3]])
		})
	}
	for _, m := range collects.FindAllStringSubmatchIndex(source, -1) {
		open := m[1] - 1
		end := closing(source, open)
		first, second := split(source, open+1, end)
		expr := source[m[4] : end+1]
		if source[m[4]:m[5]] == "or" { // or(bad, X): X is lost
			add(m[0], m[4], end+1, first, "loses "+expr)
			at := open + 1 + strings.Index(source[open+1:end], second)
			operands(source, at, end, func(from, to int, text string) {
				add(m[0], from, to, text, source[m[4]:from]+text+source[to:end+1])
			})
			continue
		}
		operands(source, m[4], end+1, func(from, to int, text string) {
			add(m[0], from, to, text, source[m[0]:from]+text+source[to:end+1])
		})
	}
	for _, m := range reverts.FindAllStringSubmatchIndex(source, -1) {
		add(m[0], m[2], m[3], "(false)", "if "+source[m[2]:m[3]]+" reverts no more")
	}
	for _, m := range requires.FindAllStringSubmatchIndex(source, -1) {
		parts := strings.Split(source[m[2]:m[3]], " && ")
		for i := range parts {
			rest := append(append([]string{}, parts[:i]...), parts[i+1:]...)
			add(m[0], m[2], m[3], strings.Join(append(rest, "true"), " && "), "require without "+parts[i])
		}
	}
	return out
}

// operands calls f with every `and(a, b)` in [from, to) replaced by a and by b.
func operands(source string, from, to int, f func(from, to int, text string)) {
	for at := from; at < to; at++ {
		if !strings.HasPrefix(source[at:], "and(") || at > 0 && source[at-1] != '(' && source[at-1] != ' ' {
			continue
		}
		end := closing(source, at+3)
		first, second := split(source, at+4, end)
		f(at, end+1, first)
		f(at, end+1, second)
	}
}

// closing is the place of the bracket that closes the one at open.
func closing(source string, open int) int {
	depth := 0
	for i := open; ; i++ {
		switch source[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
}

// split are the two arguments in [from, to).
func split(source string, from, to int) (first, second string) {
	depth := 0
	for i := from; i < to; i++ {
		switch source[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				return source[from:i], strings.TrimSpace(source[i+1 : to])
			}
		}
	}
	panic("mutants: no two arguments: " + source[from:to])
}

// testContract tests the contract's mutants.
func testContract(run string, list, verbose bool, timeout time.Duration) error {
	want, err := start(run)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(contractSource)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "evm.test")
	if !list {
		if out, err := exec.Command("go", "test", "-c", "-o", binary, "./internal/evm").CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	count := map[verdict]int{}
	same := 0
	mutants := contractMutants(string(raw))
	for _, m := range mutants {
		if !want.MatchString(m.name) {
			continue
		}
		if list {
			fmt.Println(m.name)
			continue
		}
		v, by, err := m.test(dir, binary, timeout)
		if err != nil {
			return err
		}
		reason, harmless := equivalent[m.name[strings.Index(m.name, ": ")+2:]]
		if v == survived && harmless {
			same++
			by = "changes nothing: " + reason
		} else {
			count[v]++
		}
		if verbose || v != dead {
			fmt.Printf("%-9s %s  %s\n", v, m.name, by)
		}
	}
	if list {
		return nil
	}
	fmt.Printf("%d mutants of the contract: %d killed, %d change nothing, %d survive, %d do not compile\n",
		len(mutants), count[dead], same, count[survived], count[unbuilt])
	if count[survived] > 0 {
		return errSurvived
	}
	return nil
}

// test compiles a mutant and runs the tests on it.
func (m *contractMutant) test(dir, binary string, timeout time.Duration) (verdict, string, error) {
	in, out := filepath.Join(dir, "EzklVerifier.sol"), filepath.Join(dir, "contract.json")
	if err := os.WriteFile(in, []byte(m.source), 0o600); err != nil {
		return "", "", err
	}
	if text, err := exec.Command("node", "tools/solc/build.mjs", out, in).CombinedOutput(); err != nil {
		return unbuilt, firstLine(string(text)), nil
	}
	for _, tests := range contractTests {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		cmd := exec.CommandContext(ctx, binary, "-test.failfast", "-test.run", tests, "-contract", out)
		cmd.Dir = "internal/evm"
		text, err := cmd.CombinedOutput()
		late := ctx.Err() != nil
		cancel()
		switch {
		case late:
			return dead, "timeout", nil
		case err != nil:
			return dead, "by " + failed(string(text), "internal/evm"), nil
		}
	}
	return survived, "", nil
}
