package chain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// node answers JSON-RPC by a table: a result, or an error with code, message and data.
type node map[string]any

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (n node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID     json.RawMessage
		Method string
	}
	if json.NewDecoder(r.Body).Decode(&q) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answer := map[string]any{"jsonrpc": "2.0", "id": q.ID}
	switch x, ok := n[q.Method]; {
	case !ok:
		answer["error"] = rpcError{Code: -32601, Message: "no such method"}
	default:
		if e, bad := x.(rpcError); bad {
			answer["error"] = e
		} else {
			answer["result"] = x
		}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func dial(t *testing.T, n node) *Client {
	t.Helper()
	s := httptest.NewServer(n)
	t.Cleanup(s.Close)
	c, err := Dial(t.Context(), s.URL+"/secret-access-key")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

var contract = Address{1, 2, 3}

func TestCall(t *testing.T) {
	c := dial(t, node{"eth_chainId": "0x7a69", "eth_getCode": "0x6001", "eth_call": "0x0102", "eth_estimateGas": "0x5208"})
	if !c.Development() {
		t.Error("Anvil's chain is one for development")
	}
	out, err := c.Call(t.Context(), contract, []byte{1})
	if err != nil || !bytes.Equal(out, []byte{1, 2}) {
		t.Error(out, err)
	}
	if gas, err := c.EstimateGas(t.Context(), contract, nil); gas != 21000 || err != nil {
		t.Error(gas, err)
	}
}

func TestErrors(t *testing.T) {
	revert := rpcError{Code: 3, Message: "execution reverted", Data: "0x"}
	for name, x := range map[string]struct {
		n    node
		want string
		is   error
	}{
		"revert":      {node{"eth_getCode": "0x6001", "eth_call": revert}, "call: the contract reverted", ErrReverted},
		"no contract": {node{"eth_getCode": "0x"}, "there is no contract at 0x01", nil},
		"node's own":  {node{"eth_getCode": "0x6001", "eth_call": rpcError{Code: -32000, Message: "out of gas"}}, "out of gas", nil},
	} {
		t.Run(name, func(t *testing.T) {
			x.n["eth_chainId"] = "0x1"
			c := dial(t, x.n)
			if c.Development() {
				t.Error("the main chain is no chain for development")
			}
			_, err := c.Call(t.Context(), contract, nil)
			if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "\n") {
				t.Fatal(err)
			}
			if errors.Is(err, ErrReverted) != (x.is != nil) {
				t.Error("a revert and other failures are not told apart: ", err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Error("the URL's path was printed")
			}
		})
	}
}

func TestDial(t *testing.T) {
	for url, want := range map[string]string{
		"contract.address":         "is no URL of a node",
		"http://127.0.0.1:1/token": "cannot reach a node at http://127.0.0.1:1: ",
	} {
		_, err := Dial(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestWait stops waiting for a transaction that is never mined when the context ends.
func TestWait(t *testing.T) {
	c := dial(t, node{"eth_chainId": "0x1", "eth_getCode": "0x6001", "eth_estimateGas": "0x5208", "eth_getTransactionCount": "0x0",
		"eth_maxPriorityFeePerGas": "0x1", "eth_getTransactionReceipt": nil, "eth_sendRawTransaction": "0x" + strings.Repeat("00", 32),
		"eth_getBlockByNumber": map[string]any{"baseFeePerGas": "0x1", "number": "0x1", "parentHash": "0x" + strings.Repeat("00", 32),
			"sha3Uncles": "0x" + strings.Repeat("00", 32), "stateRoot": "0x" + strings.Repeat("00", 32),
			"transactionsRoot": "0x" + strings.Repeat("00", 32), "receiptsRoot": "0x" + strings.Repeat("00", 32),
			"logsBloom": "0x" + strings.Repeat("00", 256), "difficulty": "0x0", "gasLimit": "0x1", "gasUsed": "0x0", "timestamp": "0x0",
			"extraData": "0x"}})
	k, err := ParseKey(DevelopmentKey)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Send(ctx, k, contract, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestParse(t *testing.T) {
	if k, err := ParseKey("0x" + DevelopmentKey); err != nil || Account(k).Hex() != "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" {
		t.Error(err)
	}
	for _, s := range []string{"", "12", strings.Repeat("0", 64), strings.Repeat("f", 64), strings.Repeat("z", 64)} {
		if _, err := ParseKey(s); err == nil || s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "contract.address", "0x12", strings.Repeat("0", 42)} {
		if _, err := ParseAddress(s); err == nil {
			t.Errorf("%q is an address", s)
		}
	}
	if a, err := ParseAddress("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"); err != nil || a[0] != 0xf3 {
		t.Error(a, err)
	}
}
