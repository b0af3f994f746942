package circuit_test

import (
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/tamper"
)

// Each defect breaks one rule of Check and names the message that only this rule gives.
func TestCheck(t *testing.T) {
	for _, d := range tamper.Defects {
		c := tamper.Toy()
		d.Edit(c)
		err := c.Check()
		if err == nil || !strings.Contains(err.Error(), d.Wants) {
			t.Errorf("%s: %v, not %q", d.Name, err, d.Wants)
		}
	}
	if err := tamper.Toy().Check(); err != nil {
		t.Error(err)
	}
}
