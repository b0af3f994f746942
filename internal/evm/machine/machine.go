// Package machine runs the contracts of package evm in go-ethereum's EVM, in process: for tests, gas figures and
// comparisons of verdicts. It is not linked into the command line tool.
package machine

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm/runtime"
	"github.com/ethereum/go-ethereum/params"
	"github.com/holiman/uint256"

	"github.com/ezkl-go/ezkl/internal/evm"
)

// Chain is a state with contracts, under a fork's rules. It is not safe for concurrent use.
type Chain struct {
	config *params.ChainConfig
	state  *state.StateDB
	// GasLimit is the gas of a call.
	GasLimit uint64
	// Origin sends the calls.
	Origin common.Address
	// Hooks, if set, trace calls.
	Hooks *tracing.Hooks
}

// Hooks, if set, are those of new chains: a coverage figure counts all calls of a run.
var Hooks *tracing.Hooks

// New is an empty chain with Cancun's rules.
func New() (*Chain, error) {
	c, err := NewOsaka()
	if err == nil {
		c.config.PragueTime, c.config.OsakaTime = nil, nil
	}
	return c, err
}

// NewOsaka is an empty chain with Osaka's rules, under which MODEXP is dearer. Verify does not know the floor of EIP-7623
// (evm.FloorGas).
func NewOsaka() (*Chain, error) {
	s, err := state.New(types.EmptyRootHash, state.NewDatabaseForTesting())
	if err != nil {
		return nil, err
	}
	c := *params.MergedTestChainConfig
	zero := uint64(0)
	c.PragueTime, c.OsakaTime = &zero, &zero
	return &Chain{config: &c, state: s, GasLimit: 100_000_000, Hooks: Hooks}, nil
}

func (c *Chain) run() *runtime.Config {
	random := common.Hash{1}
	cfg := &runtime.Config{ChainConfig: c.config, State: c.state, GasLimit: c.GasLimit, Origin: c.Origin, Difficulty: new(big.Int), Random: &random, BlockNumber: big.NewInt(1)}
	if c.Hooks != nil {
		cfg.EVMConfig.Tracer = c.Hooks
	}
	return cfg
}

// Deploy runs creation bytecode and returns the contract's address, its code and the gas of the transaction.
func (c *Chain) Deploy(creation []byte) (common.Address, []byte, uint64, error) {
	code, at, left, err := runtime.Create(creation, c.run())
	if err != nil {
		return at, nil, 0, err
	}
	return at, code, c.GasLimit - left + evm.IntrinsicGas(creation, true), nil
}

// Call sends calldata to a contract and returns the result, the gas of the execution and the error; a revert's data is the
// result.
func (c *Chain) Call(to common.Address, calldata []byte) ([]byte, uint64, error) {
	snapshot := c.state.Snapshot()
	out, left, err := runtime.Call(to, calldata, c.run())
	if err != nil {
		c.state.RevertToSnapshot(snapshot)
	}
	return out, c.GasLimit - left, err
}

// Fund gives an address wei.
func (c *Chain) Fund(to common.Address, wei uint64) {
	c.state.AddBalance(to, uint256.NewInt(wei), tracing.BalanceChangeUnspecified)
}

// Balance is what an address has.
func (c *Chain) Balance(of common.Address) uint64 { return c.state.GetBalance(of).Uint64() }

// ErrRefused is the error of Verify for a call that reverts.
var ErrRefused = errors.New("refused")

// Verify calls a verifier: nil if it returns true. gas is that of a whole transaction.
func (c *Chain) Verify(to common.Address, calldata []byte) (gas uint64, err error) {
	out, used, err := c.Call(to, calldata)
	if err != nil {
		return 0, fmt.Errorf("%w: %v %x", ErrRefused, err, out)
	}
	if len(out) < 32 || new(big.Int).SetBytes(out[:32]).Cmp(big.NewInt(1)) != 0 {
		return 0, fmt.Errorf("a verifier that returns %x", out)
	}
	return evm.IntrinsicGas(calldata, false) + used, nil
}
