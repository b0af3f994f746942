package chain

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// Key signs transactions.
type Key = *ecdsa.PrivateKey

// DevelopmentKey is the first account of Anvil and Hardhat, whose key is public: for development chains only.
const DevelopmentKey = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

// ParseKey reads 64 hexadecimal digits, with or without 0x. Its error does not repeat them.
func ParseKey(s string) (Key, error) {
	k, err := crypto.HexToECDSA(strings.TrimPrefix(s, "0x"))
	if err != nil {
		return nil, errors.New("the private key is not 64 hexadecimal digits of a secp256k1 key")
	}
	return k, nil
}

// Account is the address of a key.
func Account(k Key) Address { return crypto.PubkeyToAddress(k.PublicKey) }

// MaxCode is the largest contract that Ethereum stores, in bytes (EIP-170).
const MaxCode = 24576

// Plan is what a deployment will take.
type Plan struct {
	Gas  uint64 // estimated, intrinsic gas included
	Code int    // bytes of the contract that will be stored
}

// PlanDeploy runs a creation without sending it. An error wraps ErrReverted if the constructor refuses.
func (c *Client) PlanDeploy(ctx context.Context, k Key, creation []byte) (*Plan, error) {
	msg := ethereum.CallMsg{From: Account(k), Data: creation}
	code, err := c.eth.CallContract(ctx, msg, nil)
	if err != nil {
		return nil, c.fail(ctx, "try the deployment", err)
	}
	p := &Plan{Code: len(code)}
	if p.Code > MaxCode {
		return p, fmt.Errorf("the contract has %d bytes, Ethereum's limit is %d (EIP-170)", p.Code, MaxCode)
	}
	if p.Gas, err = c.eth.EstimateGas(ctx, msg); err != nil {
		return nil, c.fail(ctx, "estimate gas", err)
	}
	return p, nil
}

// Deploy sends a creation and waits until it is mined.
func (c *Client) Deploy(ctx context.Context, k Key, creation []byte) (Address, *types.Receipt, error) {
	r, err := c.send(ctx, k, nil, creation)
	if err != nil {
		return Address{}, nil, err
	}
	return r.ContractAddress, r, c.hasCode(ctx, r.ContractAddress)
}

// Send calls a contract by a transaction and waits until it is mined.
func (c *Client) Send(ctx context.Context, k Key, to Address, data []byte) (*types.Receipt, error) {
	if err := c.hasCode(ctx, to); err != nil {
		return nil, err
	}
	return c.send(ctx, k, &to, data)
}

// gasMargin is added to estimates, in percent: state may change before the transaction is mined.
const gasMargin = 10

func (c *Client) send(ctx context.Context, k Key, to *Address, data []byte) (*types.Receipt, error) {
	from := Account(k)
	gas, err := c.eth.EstimateGas(ctx, ethereum.CallMsg{From: from, To: to, Data: data})
	if err != nil {
		return nil, c.fail(ctx, "estimate gas", err)
	}
	nonce, err := c.eth.PendingNonceAt(ctx, from)
	if err != nil {
		return nil, c.fail(ctx, "read the nonce", err)
	}
	tip, err := c.eth.SuggestGasTipCap(ctx)
	if err != nil {
		return nil, c.fail(ctx, "read the gas price", err)
	}
	head, err := c.eth.HeaderByNumber(ctx, nil)
	if err != nil {
		return nil, c.fail(ctx, "read the last block", err)
	}
	fee := new(big.Int).Set(tip)
	if head.BaseFee != nil {
		fee.Add(fee, new(big.Int).Lsh(head.BaseFee, 1))
	}
	tx, err := types.SignNewTx(k, types.LatestSignerForChainID(c.id), &types.DynamicFeeTx{ChainID: c.id, Nonce: nonce,
		GasTipCap: tip, GasFeeCap: fee, Gas: gas + gas*gasMargin/100, To: to, Data: data})
	if err != nil {
		return nil, err
	}
	if err := c.eth.SendTransaction(ctx, tx); err != nil {
		return nil, c.fail(ctx, "send the transaction", err)
	}
	return c.wait(ctx, tx)
}

// wait polls for the receipt of a transaction until ctx ends.
func (c *Client) wait(ctx context.Context, tx *types.Transaction) (*types.Receipt, error) {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		r, err := c.eth.TransactionReceipt(ctx, tx.Hash())
		switch {
		case err == nil && r.Status == types.ReceiptStatusSuccessful:
			return r, nil
		case err == nil:
			return nil, fmt.Errorf("transaction %s: %w", tx.Hash(), ErrReverted)
		case ctx.Err() != nil:
			return nil, fmt.Errorf("transaction %s was sent, and is not mined yet: %w", tx.Hash(), ctx.Err())
		case !errors.Is(err, ethereum.NotFound):
			return nil, c.fail(ctx, "wait for transaction "+tx.Hash().String(), err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
