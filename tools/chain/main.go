// Command chain runs a command beside a development chain: go-ethereum's simulated node, with its own JSON-RPC server, a
// block for every transaction, and Anvil's first account rich. The command finds the node's URL in $RPC_URL.
//
//	go run . ./workflow.sh
//
// It is a module of its own, so that the project's does not depend on a whole node.
package main

import (
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	"github.com/ethereum/go-ethereum/node"
)

// account is Anvil's and Hardhat's first key.
const account = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: chain command [arguments]")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chain:", err)
		os.Exit(1)
	}
}

func run(command []string) error {
	key, err := crypto.HexToECDSA(account)
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	rich := new(big.Int).Lsh(big.NewInt(1), 80)
	chain := simulated.NewBackend(types.GenesisAlloc{crypto.PubkeyToAddress(key.PublicKey): {Balance: rich}},
		func(n *node.Config, _ *ethconfig.Config) {
			n.HTTPHost, n.HTTPPort, n.HTTPModules = "127.0.0.1", port, []string{"eth", "net", "web3"}
		})
	defer chain.Close()
	stop := make(chan struct{})
	go func() { // the node mines when it is told to
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				chain.Commit()
			}
		}
	}()
	defer close(stop)
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), fmt.Sprintf("RPC_URL=http://127.0.0.1:%d", port))
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return c.Run()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
