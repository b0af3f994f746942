package audit

import (
	"fmt"
	"math"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// curveBits is the estimated cost, in bits, of a discrete logarithm in BN254's pairing groups: about 2^100 by the special
// tower number field sieve (Kim and Barbulescu 2016; estimates since lie between 2^99 and 2^103). The generic bound, and
// Cheon's attack on 2^L powers of tau, cost more than 2^115.
const curveBits = 100

// Security is the soundness error of a proof and what it rests on.
type Security struct {
	Proof    Soundness  `json:"proof"`
	KeyProof *Soundness `json:"key_proof,omitempty"` // of a key with private constants
	// Bits is the smaller of the statistical and the computational part.
	Bits        int      `json:"bits"`
	CurveBits   int      `json:"curve_bits"`
	HashBits    int      `json:"hash_bits"` // collisions of the transcript's hash
	ZeroKnow    float64  `json:"zero_knowledge_bits"`
	Assumptions []string `json:"assumptions"`
}

// Soundness is the error of the interactive argument: sum of Terms / p.
type Soundness struct {
	Terms []Term  `json:"terms"`
	Bits  float64 `json:"bits"` // -log2 of the error
}

// Term says that a challenge misses a false statement with probability at most Count / p.
type Term struct {
	Challenge string   `json:"challenge"`
	Count     *big.Int `json:"count"`
	Reason    string   `json:"reason"`
}

// soundness sums docs/protocol.md, section 7, for one layout. Every Count is the degree, in the challenge, of a polynomial
// that is not zero if the statement is false (Schwartz and Zippel).
func soundness(lay *layout.Layout, relations int) Soundness {
	var s Soundness
	add := func(challenge, reason string, count int64) {
		s.Terms = append(s.Terms, Term{challenge, big.NewInt(count), reason})
	}
	slots := 0
	for _, g := range lay.Groups {
		slots += len(g)
	}
	rounds := 0
	for _, d := range lay.Degrees {
		rounds += d
	}
	row := int64(1) << lay.L
	places := int64(slots)<<lay.HeightVars + int64(1)<<lay.TableVars
	add("alpha, beta", fmt.Sprintf("lookups: rational identity of %d lookup places and 2^%d table rows, total degree 2 each, and its poles", int64(slots)<<lay.HeightVars, lay.TableVars), 3*places)
	add("rho", "relations: multilinear in the output point", int64(lay.RhoVars))
	add("zeta", "zero checks of helpers and table: multilinear", int64(lay.ZetaVars))
	add("gamma", fmt.Sprintf("%d relations, %d groups, the table and the sum, batched by powers", relations, len(lay.Groups)), int64(relations+len(lay.Groups)+2))
	add("round1", fmt.Sprintf("sumcheck 1: %d rounds, sum of degrees", len(lay.Degrees)), int64(rounds))
	add("delta", fmt.Sprintf("%d claims, batched by powers", lay.ClaimCount+2), int64(lay.ClaimCount+2))
	add("mu", "sumcheck 2: its mask", 1)
	add("round2", fmt.Sprintf("sumcheck 2: %d rounds of degree 2", lay.N), int64(2*lay.N))
	add("z*", fmt.Sprintf("opening: an identity of polynomials over an SRS of 2^%d powers", lay.L), 3*row)
	add("batch, w", "opening: three polynomials batched, one quotient", row+8)
	sum := new(big.Int)
	for _, t := range s.Terms {
		sum.Add(sum, t.Count)
	}
	s.Bits = round(log2(fr.Modulus()) - log2(sum))
	return s
}

func log2(x *big.Int) float64 {
	m := new(big.Float)
	e := new(big.Float).SetInt(x).MantExp(m)
	f, _ := m.Float64()
	return float64(e) + math.Log2(f)
}

// round is to a tenth of a bit, downwards.
func round(x float64) float64 { return math.Floor(x*10) / 10 }

// security fills Report.Security.
func (r *Report) security(c *circuit.Circuit, lay *layout.Layout) error {
	s := &Security{Proof: soundness(lay, len(c.Relations)), CurveBits: curveBits, HashBits: 128, Assumptions: []string{
		"nobody knows the secret tau of the SRS",
		"the algebraic group model on BN254, and discrete logarithms there (about 2^100 by the number field sieve)",
		"Fiat and Shamir in the random oracle model: a prover who computes 2^q hashes gains q bits over the statistical error",
		"Keccak-256 (evm) or Poseidon2 over BN254's scalar field (poseidon) as random oracle",
	}}
	bits := s.Proof.Bits
	keyLay, err := layout.ForKey(c)
	if err != nil {
		return err
	}
	if keyLay != nil {
		k := soundness(keyLay, 0)
		s.KeyProof = &k
		bits = min(bits, k.Bits)
	}
	s.ZeroKnow = round(log2(fr.Modulus()) - math.Log2(12) - float64(lay.L))
	s.Bits = min(curveBits, s.HashBits, int(bits))
	r.Security = s
	v := Pass
	if bits < 2*curveBits { // after 2^100 hashes 100 bits remain
		v = Fail
	}
	r.add("soundness", v, "a false statement has no proof but with negligible probability",
		fmt.Sprintf("statistical error 2^-%.1f for each attempt; computational security about 2^%d, that of BN254: about %d bits in all", bits, curveBits, s.Bits),
		[]string{"P14"})
	return nil
}
