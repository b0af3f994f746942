package evm_test

import (
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/evm/machine"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// TestBounty: the example consumer pays the claimant of a proof, nobody else, and once.
func TestBounty(t *testing.T) {
	raw, err := os.ReadFile("testdata/bounty.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Contracts map[string]struct{ Creation string }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	creation, err := hex.DecodeString(file.Contracts["Bounty"].Creation)
	if err != nil {
		t.Fatal(err)
	}
	claimant, thief := common.HexToAddress("0x1234567890abcdef1234567890abcdef12345678"), common.HexToAddress("0x666")

	n, err := toynet.Random(5, 2)
	if err != nil {
		t.Fatal(err)
	}
	at := len(n.Instances())
	limbs := make([]int64, 10)
	for i, x := 0, claimant.Big(); i < 10; i++ {
		limbs[i] = new(big.Int).And(x, big.NewInt(0xffff)).Int64()
		x = new(big.Int).Rsh(x, 16)
	}
	n.C.Blocks = append(n.C.Blocks, circuit.Block{Name: "claimant", Dims: []int{10}, Role: circuit.Public, Lo: 0, Hi: 0xffff, KeyTable: circuit.None})
	n.C.Inputs = append(n.C.Inputs, len(n.C.Blocks)-1)
	n.Values = append(n.Values, limbs)
	l := newLab(t, n, nil, 1)
	c, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	verifier, _, _, err := c.Deploy(l.program.Creation())
	if err != nil {
		t.Fatal(err)
	}
	creation = append(append(creation, common.LeftPadBytes(verifier[:], 32)...), word(big.NewInt(int64(at)))...)
	bounty, _, _, err := c.Deploy(creation)
	if err != nil {
		t.Fatal(err)
	}
	c.Fund(bounty, 1000)

	calldata := evm.Calldata(l.proof, l.instances, nil)
	claim := append(crypto.Keccak256([]byte("claim(bytes,uint256[])"))[:4], calldata[4:]...)
	c.Origin = thief
	if _, _, err := c.Call(bounty, claim); err == nil {
		t.Error("a copied proof is paid")
	}
	forged := append([]byte{}, claim...)
	for i, x := 0, thief.Big(); i < 10; i++ {
		copy(forged[len(forged)-32*(10-i):], word(new(big.Int).And(x, big.NewInt(0xffff))))
		x = new(big.Int).Rsh(x, 16)
	}
	if _, _, err := c.Call(bounty, forged); err == nil {
		t.Error("a copied proof with another claimant is paid")
	}
	c.Origin = claimant
	if out, _, err := c.Call(bounty, claim); err != nil || c.Balance(claimant) != 1000 {
		t.Errorf("the claimant has %d: %v %x", c.Balance(claimant), err, out)
	}
	if _, _, err := c.Call(bounty, claim); err == nil {
		t.Error("a proof is paid twice")
	}
}
