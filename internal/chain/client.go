package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/url"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
)

// Client is a connection to one node.
type Client struct {
	eth *ethclient.Client
	url string // without user, password and path, which may hold an access key
	id  *big.Int
}

// Dial connects to a node and asks for its chain.
func Dial(ctx context.Context, rawURL string) (*Client, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL of a node: give one like http://127.0.0.1:8545", rawURL)
	}
	c := &Client{url: u.Scheme + "://" + u.Host}
	if c.eth, err = ethclient.DialContext(ctx, rawURL); err != nil {
		return nil, c.fail(ctx, "connect", err)
	}
	if c.id, err = c.eth.ChainID(ctx); err != nil {
		c.eth.Close()
		return nil, c.fail(ctx, "ask for the chain", err)
	}
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() { c.eth.Close() }

// ChainID is the chain's number, EIP-155.
func (c *Client) ChainID() *big.Int { return c.id }

// Development reports whether the chain is one that nodes make for tests: 31337 (Anvil, Hardhat) or 1337 (geth --dev, Ganache).
func (c *Client) Development() bool {
	return c.id.Cmp(big.NewInt(31337)) == 0 || c.id.Cmp(big.NewInt(1337)) == 0
}

// ErrReverted is wrapped by the errors of calls and transactions that a contract refuses.
var ErrReverted = errors.New("the contract reverted")

// fail words an error of the node. A revert is told apart from all others, and the caller's context from both.
func (c *Client) fail(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var data rpc.DataError
	if errors.As(err, &data) && data.ErrorData() != nil || isRevert(err) {
		return fmt.Errorf("%s: %w", what, ErrReverted)
	}
	var answer rpc.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("%s: node %s: %w", what, c.url, err)
	}
	var u *url.Error // holds the whole URL
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%s: cannot reach a node at %s: %w", what, c.url, err)
}

// isRevert recognises the answers of nodes: code 3 (geth, Anvil), or its text.
func isRevert(err error) bool {
	var answer rpc.Error
	return errors.As(err, &answer) && (answer.ErrorCode() == 3 || answer.Error() == "execution reverted")
}

// Address is a contract's or an account's.
type Address = common.Address

// ParseAddress reads 40 hexadecimal digits after 0x.
func ParseAddress(s string) (Address, error) {
	if len(s) != 42 || !common.IsHexAddress(s) {
		return Address{}, fmt.Errorf("%q is no address: 0x and 40 hexadecimal digits", s)
	}
	return common.HexToAddress(s), nil
}

// Call runs a contract without a transaction and returns its output.
func (c *Client) Call(ctx context.Context, to Address, data []byte) ([]byte, error) {
	if err := c.hasCode(ctx, to); err != nil {
		return nil, err
	}
	out, err := c.eth.CallContract(ctx, ethereum.CallMsg{To: &to, Data: data}, nil)
	if err != nil {
		return nil, c.fail(ctx, "call", err)
	}
	return out, nil
}

// EstimateGas is what a transaction with this call would use, its intrinsic gas included.
func (c *Client) EstimateGas(ctx context.Context, to Address, data []byte) (uint64, error) {
	gas, err := c.eth.EstimateGas(ctx, ethereum.CallMsg{To: &to, Data: data})
	if err != nil {
		return 0, c.fail(ctx, "estimate gas", err)
	}
	return gas, nil
}

// Code is the code at an address; empty if there is no contract.
func (c *Client) Code(ctx context.Context, at Address) ([]byte, error) {
	code, err := c.eth.CodeAt(ctx, at, nil)
	if err != nil {
		return nil, c.fail(ctx, "read code", err)
	}
	return code, nil
}

// hasCode refuses addresses without a contract: a call to one succeeds, and says nothing.
func (c *Client) hasCode(ctx context.Context, at Address) error {
	code, err := c.Code(ctx, at)
	if err == nil && len(code) == 0 {
		err = fmt.Errorf("there is no contract at %s on chain %s of %s", at.Hex(), c.id, c.url)
	}
	return err
}
