package witness

import (
	"context"
	"errors"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// Solve fills values, indexed by block. Given are the blocks of c.Inputs and all Fixed and Private blocks; every other
// entry of values is replaced. cert must be c's certificate. After nil all relations, lookups and intervals hold.
//
// Errors: *RangeError for a value that no proof can hold, *OverflowError for one beyond int64, ctx's error, or a plain error
// for values of the wrong shape. Each is one line.
func Solve(ctx context.Context, c *circuit.Circuit, cert *determinism.Certificate, values [][]int64) error {
	return errors.New("witness: not built yet")
}
