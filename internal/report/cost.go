package report

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/pcs"
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
	Gas          int     `json:"gas"`           // of a verification on the EVM
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
	k := &Cost{LogRows: lay.L + 1, RowLength: 1 << lay.L, ProofRows: lay.Rows[layout.SegW].Count + lay.Rows[layout.SegH].Count + 2,
		KeyRows: lay.Rows[layout.SegF].Count + lay.Rows[layout.SegP].Count, Tables: len(c.Circuit.Tables),
		Relations: len(c.Circuit.Relations), DigitBits: c.Width, ProofBytes: ProofSize(lay)}
	tables := map[int]bool{}
	for _, t := range c.Circuit.Tables {
		k.TableRows += t.Size
		tables[t.Out] = true
	}
	for i := range c.Circuit.Blocks {
		b := &c.Circuit.Blocks[i]
		n := circuit.Count(b.Dims)
		switch b.Role {
		case circuit.Public:
			k.Instances += n
		case circuit.Fixed, circuit.Private:
			if !tables[i] {
				k.Parameters += n
			}
		default:
			k.Committed += n
		}
	}
	for s := range c.Circuit.Slots {
		for _, l := range c.Circuit.Slots[s].Lookups {
			k.Lookups += circuit.Count(c.Circuit.Blocks[l.In].Dims)
		}
	}
	k.estimate(lay)
	return k
}

// ProofSize is the length of a proof in bytes: the messages of docs/protocol.md, section 6, in their order.
func ProofSize(lay *layout.Layout) int {
	points := lay.Rows[layout.SegW].Count + lay.Rows[layout.SegH].Count + 3 // 3: C_S, W, W' of the opening
	scalars := 1 + sum(lay.Degrees) + lay.ClaimCount + 1 + sum(claims.Degrees2(lay.N)) + pcs.ValueCount
	return proof.PointBytes*points + 32*scalars
}

func sum(list []int) int {
	n := 0
	for _, x := range list {
		n += x
	}
	return n
}

// estimate fills in time, memory and gas.
//
// Time: least squares of the processor seconds of proofs of 24 small and large models, within a sixth for most; two cores
// share them at 90 %. Memory: the peaks of 7 prove commands. Other machines differ by their speed.
//
// Gas: the unit costs that were measured in go-ethereum's EVM for a verifier in Yul (calldata included), instances packed.
func (k *Cost) estimate(lay *layout.Layout) {
	row, rows := float64(k.RowLength), float64(k.ProofRows)
	us := 4000 + 23*row + 450*rows + 3.7*float64(k.Committed) + 0.73*float64(k.TableRows) + 0.2*float64(k.Parameters)
	k.ProveSeconds = math.Round(us/1.8e3) / 1e3
	k.MemoryMB = math.Round(17 + 170e-6*row*rows + 60e-6*row*float64(k.KeyRows) + 160e-6*float64(k.Committed))

	points := k.ProofRows + 1
	d, n := sum(lay.Degrees), lay.N
	gas := 134_700 + 7_545*points + 6_506*k.KeyRows + 510*(d+lay.ClaimCount+2*n+7) + 288*len(lay.Degrees) + 200*d + 95*lay.ClaimCount +
		570*n + 175*(lay.L-12) + 11_300 + 6_000*len(lay.Bilinear) + 600*len(lay.Tags) + 1_000*(len(lay.Slots)+k.Tables) + 800*len(lay.Groups)
	if k.Instances > 0 {
		gas += 89*k.Instances + 7_200
	}
	k.Gas = int(math.Round(float64(gas)*1.08/1000)) * 1000
}
