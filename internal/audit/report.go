package audit

import "github.com/ezkl-go/ezkl/internal/determinism"

// Verdict is what became of a check.
type Verdict string

const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"    // do not use this circuit or key
	Warning Verdict = "warning" // the proof says less than a user may think
	Note    Verdict = "note"    // a fact that the user should know
	Skipped Verdict = "skipped" // not checked, and why
)

// Check is one claim and what became of it.
type Check struct {
	ID      string   `json:"id"` // stable, for machines
	Verdict Verdict  `json:"verdict"`
	Title   string   `json:"title"`           // the claim
	Detail  string   `json:"detail"`          // the evidence, or what is wrong and what to do
	Class   []string `json:"class,omitempty"` // vulnerability classes of docs/testing.md that it is about
	Where   []string `json:"where,omitempty"` // blocks, relations or tables; at most maxWhere of them
}

// Report is everything that an audit found.
type Report struct {
	Version     string     `json:"version"` // of the program
	Circuit     Summary    `json:"circuit"`
	Checks      []Check    `json:"checks"`
	Security    *Security  `json:"security,omitempty"`
	Tensors     []Tensor   `json:"tensors"`
	Blocks      []Block    `json:"blocks"`
	Relations   []Relation `json:"relations"`
	Tables      []Table    `json:"tables"`
	KeyTables   []Table    `json:"key_tables"`
	Key         *Key       `json:"key,omitempty"`
	SRS         *SRS       `json:"srs,omitempty"`
	Uniqueness  []Slice    `json:"uniqueness,omitempty"` // of --exhaustive
	certificate *determinism.Certificate
}

// Failed reports whether some check fails.
func (r *Report) Failed() bool { return r.Count(Fail) > 0 }

// Count is the number of checks with a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for i := range r.Checks {
		if r.Checks[i].Verdict == v {
			n++
		}
	}
	return n
}

// Summary identifies a circuit and says how large it is.
type Summary struct {
	File        string `json:"file,omitempty"`
	Digest      string `json:"digest"`       // Keccak-256 of the canonical encoding
	ModelSHA256 string `json:"model_sha256"` // of the ONNX file
	Parameters  string `json:"parameters"`   // visibility
	Blocks      int    `json:"blocks"`
	Relations   int    `json:"relations"`
	Tables      int    `json:"tables"`
	Lookups     int    `json:"lookups"`   // looked-up entries
	Committed   int    `json:"committed"` // integers that each proof commits
	Constants   int    `json:"constants"` // integers in the key
	Instances   int    `json:"instances"` // public values of a proof
	LogRow      int    `json:"log_row"`   // L: rows of 2^L entries
	LogVector   int    `json:"log_vector"`
}

// Tensor is an input or output of the network.
type Tensor struct {
	Name       string  `json:"name"`
	Kind       string  `json:"kind"` // input or output
	Type       string  `json:"type"`
	Dims       []int   `json:"dims"`
	Visibility string  `json:"visibility"`
	Unit       float64 `json:"unit"`         // real value of integer 1
	Lo         float64 `json:"lo,omitempty"` // an input's range, in reals: beyond it no proof exists
	Hi         float64 `json:"hi,omitempty"`
	Blocks     []int   `json:"blocks"`
	Binding    string  `json:"binding"` // what holds the prover to its values
}

// Block is one integer tensor of the circuit.
type Block struct {
	Index   int    `json:"index"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Dims    []int  `json:"dims"`
	Rule    string `json:"rule"`   // of the certificate; "none" if the block is not determined
	Reason  string `json:"reason"` // the relation or table that determines it
	Lo      string `json:"lo,omitempty"`
	Hi      string `json:"hi,omitempty"` // sound interval, decimal
	Bits    int    `json:"bits"`         // of its largest magnitude
	Margin  int    `json:"margin_bits"`  // bits that remain below p/2
	Binding string `json:"binding"`
}

// Relation is one relation's distance to p/2.
type Relation struct {
	Index  int    `json:"index"`
	Name   string `json:"name"`
	Use    string `json:"use"` // "determines ..", or "check"
	Bits   int    `json:"bits"`
	Margin int    `json:"margin_bits"`
}

// Table is a lookup table.
type Table struct {
	Index     int    `json:"index"`
	Name      string `json:"name"`
	Kind      string `json:"kind"` // range, function, dynamic
	Lo        int64  `json:"lo"`
	Hi        int64  `json:"hi"`
	Out       string `json:"out,omitempty"` // interval of a function's values
	Entries   int    `json:"entries"`       // looked-up entries of the circuit
	Users     int    `json:"users"`         // relations whose result it holds
	Complete  int    `json:"complete"`      // of those: no input can leave the table
	Excess    int    `json:"excess_bits"`   // largest of the others: reachable magnitude over covered magnitude, in bits
	Worst     string `json:"worst,omitempty"`
	Covered   string `json:"covered,omitempty"`   // interval of the worst user
	Reachable string `json:"reachable,omitempty"` // by interval arithmetic
}

// Key is a verifying key.
type Key struct {
	File     string `json:"file,omitempty"`
	Digest   string `json:"digest"`
	Circuit  string `json:"circuit_digest"`
	Rows     int    `json:"rows"`
	Private  int    `json:"private_rows"`
	KeyProof int    `json:"key_proof_bytes"` // 0: none
	Unsafe   bool   `json:"srs_unsafe"`
}

// SRS is where a structured reference string comes from.
type SRS struct {
	File    string `json:"file,omitempty"`
	Origin  string `json:"origin"`
	ID      string `json:"id"` // of its secret
	Powers  int    `json:"powers"`
	Unsafe  bool   `json:"unsafe"`
	Checked bool   `json:"powers_checked"`
}

// maxWhere bounds the places that a check lists.
const maxWhere = 20

func places(list []string) []string {
	if len(list) > maxWhere {
		return append(list[:maxWhere:maxWhere], "..")
	}
	return list
}
