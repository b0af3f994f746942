package tamper

import (
	"bytes"
	"os"
	"testing"
)

// TestModel: every change of a network makes another file, and the file is otherwise kept.
func TestModel(t *testing.T) {
	b, err := os.ReadFile("../cli/testdata/models/op_PRelu_per_channel/network.onnx")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(parse(b).bytes(), b) {
		t.Fatal("a message is not kept")
	}
	operators := map[string]bool{}
	for _, m := range Model(b) {
		if bytes.Equal(m.Make(), b) {
			t.Errorf("%s changes nothing", m.String())
		}
		operators[m.Operator] = true
	}
	for _, want := range []string{"drop", "duplicate", "other operator Neg", "swap operands", "+1", "infinity", "other version", "truncate"} {
		if !operators[want] {
			t.Errorf("no %s", want)
		}
	}
	if Model([]byte("no model")) != nil {
		t.Error("no model has changes")
	}
}
