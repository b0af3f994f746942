package report

import (
	"math"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Cost says what a circuit costs.
type Cost struct {
	LogRows    int `json:"logrows"`     // log2 of the SRS size
	RowLength  int `json:"row_length"`  // entries of a committed row
	ProofRows  int `json:"proof_rows"`  // rows that each proof commits
	KeyRows    int `json:"key_rows"`    // rows of the verifying key
	Parameters int `json:"parameters"`  // constants, function tables not counted
	Committed  int `json:"committed"`   // integers that each proof commits, padding not counted
	Lookups    int `json:"lookups"`     // of each proof
	Tables     int `json:"tables"`      // function and range tables
	TableRows  int `json:"table_rows"`  // of all tables
	Relations  int `json:"relations"`   // tensor equations
	DigitBits  int `json:"digit_bits"`  // width of range digits
	Instances  int `json:"instances"`   // public values of a proof
	ProofBytes int `json:"proof_bytes"` // exact
	// Estimates.
	ProveSeconds float64 `json:"prove_seconds"` // on 2 cores
	MemoryMB     float64 `json:"memory_mb"`     // peak of prove
	Gas          int     `json:"gas"`           // of a verification on the EVM; 0: too large for it
}

// CostOf counts what a circuit has, and estimates what it takes.
func CostOf(c *lower.Compiled) (*Cost, error) {
	lay, err := layout.New(c.Circuit)
	if err != nil {
		return nil, err
	}
	return costOf(c, lay), nil
}

func costOf(c *lower.Compiled, lay *layout.Layout) *Cost {
	k := &Cost{LogRows: lay.L + 1, RowLength: 1 << lay.L, ProofRows: lay.Rows[layout.SegW].Count + lay.Rows[layout.SegH].Count,
		KeyRows: lay.Rows[layout.SegF].Count + lay.Rows[layout.SegP].Count, Tables: len(c.Circuit.Tables),
		Relations: len(c.Circuit.Relations), DigitBits: c.Width, ProofBytes: evm.ProofSize(lay)}
	n := c.Circuit.Sizes()
	k.Instances, k.Parameters, k.Committed, k.Lookups, k.TableRows = n.Instances, n.Constants-n.Values, n.Committed, n.Lookups, n.TableRows
	k.estimate(c.Circuit)
	return k
}

// estimate fills in time, memory and gas.
//
// Time: processor seconds of a whole `ezkl prove`, the start of the process included; two cores share them at 90 %. Memory: its
// peak. bench/audit.py prints both beside what the shared models take: within a factor of 2. Other machines differ by their speed.
//
// Gas: that of the circuit's own program, with packed instances (package evm: within 7 %); 0 if it is too large for a contract.
func (k *Cost) estimate(c *circuit.Circuit) {
	row, n := float64(k.RowLength), float64(k.ProofRows)
	us := 14_000 + 23*row + 450*n + 3.7*float64(k.Committed) + 0.73*float64(k.TableRows) + 0.2*float64(k.Parameters)
	k.ProveSeconds = math.Round(us/1.8e3) / 1e3
	k.MemoryMB = math.Round(24 + 170e-6*row*n + 60e-6*row*float64(k.KeyRows) + 160e-6*float64(k.Committed))
	rows := make([]bn254.G1Affine, k.KeyRows) // their values change no cost
	if p, err := evm.Compile(&proof.VerifyingKey{Circuit: c, Rows: rows}); err == nil {
		_, gas := p.TypicalGas()
		k.Gas = int(math.Round(float64(gas)/1000)) * 1000
	}
}
