package evm_test

import (
	"bytes"
	"fmt"
	"math/big"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/evm/machine"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// message is a run of points or scalars of a proof.
type message struct {
	label  string
	points bool
	count  int
}

// manifest lists the messages of a proof, like that of package verify's tests.
func manifest(lay *layout.Layout) []message {
	out := []message{{"C_W", true, lay.Rows[layout.SegW].Count}, {"C_H", true, lay.Rows[layout.SegH].Count}, {"S", false, 1}}
	for _, d := range lay.Degrees {
		out = append(out, message{"round1", false, d})
	}
	out = append(out, message{"claims", false, lay.ClaimCount}, message{"G2", false, 1})
	for range lay.N {
		out = append(out, message{"round2", false, 2})
	}
	return append(out, message{"C_S", true, 1}, message{"values", false, 5}, message{"W", true, 1}, message{"W'", true, 1})
}

func word(x *big.Int) []byte { return x.FillBytes(make([]byte, 32)) }

func splice(b []byte, at int, with []byte) []byte {
	out := slices.Clone(b)
	copy(out[at:], with)
	return out
}

// alterations calls f with changed proofs: every scalar and every coordinate of every message.
func alterations(lay *layout.Layout, b []byte, f func(what string, b []byte)) int {
	p, q := fr.Modulus(), fp.Modulus()
	at := 0
	for _, m := range manifest(lay) {
		for i := range m.count {
			what := fmt.Sprint(m.label, i)
			if !m.points {
				x := new(big.Int).SetBytes(b[at : at+32])
				for name, y := range map[string]*big.Int{
					"+1": new(big.Int).Mod(new(big.Int).Add(x, big.NewInt(1)), p), "=0": new(big.Int),
					"=r": p, "+r": new(big.Int).Add(x, p), "=max": new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)),
				} {
					f(what+name, splice(b, at, word(y)))
				}
				if i > 0 {
					c := splice(b, at, b[at-32:at])
					f(what+" swapped", splice(c, at-32, b[at:at+32]))
				}
				at += 32
				continue
			}
			x, y := new(big.Int).SetBytes(b[at:at+32]), new(big.Int).SetBytes(b[at+32:at+64])
			point := func(name string, x, y *big.Int) { f(what+name, splice(b, at, append(word(x), word(y)...))) }
			point("=infinity", new(big.Int), new(big.Int))
			point("=generator", big.NewInt(1), big.NewInt(2))
			point(" negated", x, new(big.Int).Sub(q, y))
			point(" x=0", new(big.Int), y)
			point(" y=0", x, new(big.Int))
			point(" x=q", q, y)
			point(" y=q", x, q)
			point("=(q,q)", q, q)
			point("=(q,0)", q, new(big.Int))
			point("=(0,q)", new(big.Int), q)
			point(" x+q", new(big.Int).Add(x, q), y)
			point(" y+q", x, new(big.Int).Add(y, q))
			point(" off the curve", x, new(big.Int).Mod(new(big.Int).Add(y, big.NewInt(1)), q))
			if i > 0 {
				c := splice(b, at, b[at-64:at])
				f(what+" swapped", splice(c, at-64, b[at:at+64]))
			}
			at += 64
		}
	}
	return at
}

// mutated are the nets whose proofs are altered in every place.
func mutated(t *testing.T, f func(t *testing.T, d *deployed)) {
	toy, err := toynet.New(1, layout.Arrange)
	for name, n := range map[string]func() (*toynet.Net, error){
		"toy":    func() (*toynet.Net, error) { return toy, err },
		"hidden": func() (*toynet.Net, error) { return toy.Hidden() },
		"random": func() (*toynet.Net, error) { return toynet.Random(5, 2) },
	} {
		n, err := n()
		t.Run(name, func(t *testing.T) { f(t, deploy(t, newLab(t, n, err, 1))) })
	}
}

// TestE7_E11_AlteredProof: the contract gives package verify's verdict on every change of every message.
func TestE7_E11_AlteredProof(t *testing.T) { mutated(t, alteredProofs) }

// selector are the first bytes of a revert's data.
func selector(name string) []byte { return crypto.Keccak256([]byte(name + "()"))[:4] }

// plausible are the alterations after which all points and scalars are still in range: the pairing check refuses them.
var plausible = regexp.MustCompile("[+]1$|=0$|=infinity$|=generator$| negated$| swapped$")

func alteredProofs(t *testing.T, d *deployed) {
	count := 0
	_, honest, err := d.chain.Call(d.at, d.words(d.proof))
	if err != nil {
		t.Fatal(err)
	}
	end := alterations(d.lay, d.proof, func(what string, b []byte) {
		count++
		want := d.key.Verify(d.instances, b, verify.EVM)
		out, gas, got := d.chain.Call(d.at, d.words(b))
		if got != nil && !bytes.Equal(out, selector("InvalidProof")) {
			t.Errorf("%s: refused with %x", what, out)
		}
		// a proof with what is out of range may satisfy every equation: it must be refused before the pairing
		if early := gas+100_000 < honest; got != nil && !early && !plausible.MatchString(what) {
			t.Errorf("%s: refused after %d gas of %d", what, gas, honest)
		}
		if (want == nil) != (got == nil) {
			t.Errorf("%s: Go says %v, the contract %v", what, want, got)
		}
		if want == nil {
			t.Errorf("%s: accepted", what)
		}
	})
	if end != len(d.proof) {
		t.Errorf("the manifest has %d bytes, the proof %d", end, len(d.proof))
	}
	for _, b := range [][]byte{nil, d.proof[:32], d.proof[:len(d.proof)-32], d.proof[:len(d.proof)-1], append(slices.Clone(d.proof), 0), append(slices.Clone(d.proof), make([]byte, 32)...)} {
		if _, err := d.chain.Verify(d.at, d.words(b)); err == nil {
			t.Errorf("a proof of %d bytes is accepted, they have %d", len(b), len(d.proof))
		}
	}
	t.Logf("%d altered proofs", count)
}

// TestE1_Instances: only the canonical form of an instance passes, and only the one that was proven.
func TestE1_Instances(t *testing.T) {
	mutated(t, wrongInstances)
	t.Run("wide, of all bytes", func(t *testing.T) {
		n, err := toynet.New(1, layout.Arrange)
		if err == nil {
			n, err = wide(n, -200, 55)
		}
		d := deploy(t, newLab(t, n, err, 1))
		packed := d.packed(t)
		end := d.head() + 32 + len(d.proof) + 32 + d.program.Packed
		for i := end - 37; i < end; i += 4 { // every value of a byte is in the interval
			c := slices.Clone(packed)
			c[i] ^= 1 << (i % 8)
			if out, _, err := d.chain.Call(d.at, c); err == nil || !bytes.Equal(out, selector("InvalidProof")) {
				t.Errorf("packed byte %d before the end: %x, %v", end-i, out, err)
			}
		}
	})
}

func wrongInstances(t *testing.T, d *deployed) {
	calldata := d.words(d.proof)
	n := len(d.instances) * d.count()
	first := len(calldata) - 32*n
	p := fr.Modulus()
	call := func(what string, c []byte, outside bool) {
		t.Helper()
		want := selector("InvalidProof")
		if outside {
			want = selector("InvalidInstance")
		}
		if out, _, err := d.chain.Call(d.at, c); err == nil || !bytes.Equal(out, want) {
			t.Errorf("%s: %x, want %x, %v", what, out, want, err)
		}
	}
	intervals := d.intervals()
	for i := range n {
		iv := intervals[i%len(d.instances)]
		x := new(big.Int).SetBytes(calldata[first+32*i:][:32])
		for k := int64(1); k <= 4; k++ {
			call(fmt.Sprintf("instance %d + %d r", i, k), splice(calldata, first+32*i, word(new(big.Int).Add(x, new(big.Int).Mul(p, big.NewInt(k))))), true)
		}
		for name, y := range map[string]*big.Int{
			"+1": new(big.Int).Add(x, big.NewInt(1)), "-1": new(big.Int).Mod(new(big.Int).Sub(x, big.NewInt(1)), p),
			"negated": new(big.Int).Mod(new(big.Int).Sub(p, x), p), "=r": p, "=r-1": new(big.Int).Sub(p, big.NewInt(1)),
			"=q": fp.Modulus(), "+q": new(big.Int).Add(x, fp.Modulus()), "=max": new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)),
		} {
			if y.Cmp(x) != 0 {
				v := new(big.Int).Set(y)
				if y.Cmp(new(big.Int).Rsh(p, 1)) > 0 && y.Cmp(p) < 0 {
					v.Sub(y, p)
				}
				outside := v.Cmp(big.NewInt(iv[0])) < 0 || v.Cmp(big.NewInt(iv[1])) > 0
				call(fmt.Sprintf("instance %d %s", i, name), splice(calldata, first+32*i, word(y)), outside)
			}
		}
	}
	packed := d.packed(t)
	begin := d.head() + 32 + d.count()*len(d.proof) + 32
	at := begin
	for i := range n {
		iv := intervals[i%len(d.instances)]
		span := uint64(iv[1] - iv[0])
		width := max(1, (bits.Len64(span)+7)/8)
		v := new(big.Int).SetBytes(packed[at : at+width]).Uint64()
		for bit := range 8 * width {
			changed := v ^ 1<<bit
			c := slices.Clone(packed)
			new(big.Int).SetUint64(changed).FillBytes(c[at : at+width])
			call(fmt.Sprintf("packed instance %d, bit %d", i, bit), c, changed > span)
		}
		at += width
	}
	for i := at; i < len(packed); i++ { // padding
		for _, bit := range []byte{1, 0x80} {
			c := slices.Clone(packed)
			c[i] ^= bit
			if out, _, err := d.chain.Call(d.at, c); err == nil || !bytes.Equal(out, selector("InvalidCalldata")) {
				t.Errorf("packed byte %d of padding: %x, %v", i-begin, out, err)
			}
		}
	}
}

// intervals are the lowest and the highest value of each instance.
func (l *lab) intervals() (out [][2]int64) {
	for i := range l.lay.C.Blocks {
		if b := &l.lay.C.Blocks[i]; b.Role == circuit.Public {
			for range circuit.Count(b.Dims) {
				out = append(out, [2]int64{b.Lo, b.Hi})
			}
		}
	}
	return out
}

// TestE2_Encoding: there is one calldata for a proof; words moved, overlapping, missing or left over are refused.
func TestE2_Encoding(t *testing.T) { mutated(t, wrongEncodings) }

func wrongEncodings(t *testing.T, d *deployed) {
	packed := d.packed(t)
	for name, good := range map[string][]byte{"words": d.words(d.proof), "packed": packed} {
		call := func(what string, c []byte) {
			t.Helper()
			if _, err := d.chain.Verify(d.at, c); err == nil {
				t.Errorf("%s: %s is accepted", name, what)
			}
		}
		if _, err := d.chain.Verify(d.at, good); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 3, 4, 36, 68, 100, len(good) - 64, len(good) - 32, len(good) - 1} {
			call(fmt.Sprintf("%d bytes", n), good[:n])
		}
		for _, n := range []int{1, 31, 32, 64} {
			call(fmt.Sprintf("a tail of %d bytes", n), append(slices.Clone(good), make([]byte, n)...))
		}
		for i := range 4 {
			c := slices.Clone(good)
			c[i] ^= 1
			call("another selector", c)
		}
		number := func(at int) *big.Int { return new(big.Int).SetBytes(good[at : at+32]) }
		head := d.head()
		lists := head + 32 + d.count()*len(d.proof)
		for what, at := range map[string]int{"the proof's offset": 4, "the instances' offset": 36, "the proof's length": head, "the instances' length": lists} {
			for _, by := range []int64{-64, -32, -1, 1, 32, 64, 1 << 32} {
				y := new(big.Int).Add(number(at), big.NewInt(by))
				if y.Sign() >= 0 {
					call(fmt.Sprintf("%s %+d", what, by), splice(good, at, word(y)))
				}
			}
			call(what+" + 2^255", splice(good, at, word(new(big.Int).Add(number(at), new(big.Int).Lsh(big.NewInt(1), 255)))))
		}
		call("both at one place", splice(good, 36, good[4:36]))
		// the instances first, then the proof: what a decoder of ABI would accept
		list := good[lists:]
		swapped := append([]byte{}, good[:4]...)
		swapped = append(swapped, word(big.NewInt(int64(head-4+len(list))))...)
		swapped = append(swapped, word(big.NewInt(int64(head-4)))...)
		swapped = append(swapped, good[68:head]...)
		swapped = append(append(swapped, list...), good[head:lists]...)
		call("the instances first", swapped)
		// a gap
		gap := slices.Concat(good[:4], word(new(big.Int).Add(number(4), big.NewInt(32))), word(new(big.Int).Add(number(36), big.NewInt(32))),
			good[68:head], make([]byte, 32), good[head:])
		call("a gap", gap)
	}
}

// TestE7_Precompiles: a precompile that runs out of gas, or that a chain lacks, refuses the call.
func TestE7_Precompiles(t *testing.T) {
	failingPrecompiles(t, batched(t, false, 1, 0), func(creation []byte) *deployed { // a batch executes every call
		c, err := machine.New()
		if err != nil {
			t.Fatal(err)
		}
		at, _, _, err := c.Deploy(creation)
		if err != nil {
			t.Fatal(err)
		}
		return &deployed{chain: c, at: at}
	})
}

func failingPrecompiles(t *testing.T, d *deployed, redeploy func(creation []byte) *deployed) {
	calldata := d.words(d.proof)
	_, used, err := d.chain.Call(d.at, calldata)
	if err != nil {
		t.Fatal(err)
	}
	full := d.chain.GasLimit
	for gas := used; gas > used/50; gas -= used / 300 {
		d.chain.GasLimit = gas
		if out, _, err := d.chain.Call(d.at, calldata); err == nil && gas < used-used/64 {
			t.Errorf("%d gas are enough, %d are used: %x", gas, used, out)
		}
	}
	d.chain.GasLimit = full

	want := selector("PrecompileFailed")
	for _, precompile := range []byte{5, 6, 7, 8} {
		// PUSH1 address GAS STATICCALL, each of them: to an address without code
		pattern := []byte{0x60, precompile, 0x5a, 0xfa}
		count := 0
		for at := bytes.Index(d.creation, pattern); at >= 0; {
			creation := splice(d.creation, at+1, []byte{0xfe})
			other := redeploy(creation)
			out, _, err := other.chain.Call(other.at, calldata)
			if err == nil || !bytes.Equal(out, want) {
				t.Errorf("call %d of precompile %d missing: %x, %v", count, precompile, out, err)
			}
			count++
			next := bytes.Index(d.creation[at+1:], pattern)
			if next < 0 {
				break
			}
			at += 1 + next
		}
		if count == 0 {
			t.Errorf("no call of precompile %d found", precompile)
		}
		t.Logf("%d calls of precompile %d", count, precompile)
	}
}

// TestReusable: the reusable verifier accepts what a circuit's own does, for the digest that the caller names.
func TestReusable(t *testing.T) {
	c, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	at, _, _, err := c.Deploy(evm.ReusableCreation())
	if err != nil {
		t.Fatal(err)
	}
	var labs []*lab
	for _, seed := range []int64{5, 8} {
		n, err := toynet.Random(seed, 2)
		l := newLab(t, n, err, 1)
		digest := evm.Digest(l.program.Bytes)
		if _, err := c.Verify(at, evm.Calldata(l.proof, l.instances, &digest)); err == nil {
			t.Error("an unregistered program verifies")
		}
		for range 2 { // again changes nothing
			out, _, err := c.Call(at, evm.RegisterCalldata(l.program.Bytes))
			if err != nil || !bytes.Equal(out, digest[:]) {
				t.Fatalf("registered as %x: %v", out, err)
			}
		}
		labs = append(labs, l)
	}
	for i, l := range labs {
		digest, other := evm.Digest(l.program.Bytes), evm.Digest(labs[1-i].program.Bytes)
		out, _, err := c.Call(at, evm.Calldata(l.proof, l.instances, &digest))
		if err != nil || len(out) != 64 || out[31] != 1 || !bytes.Equal(out[32:], digest[:]) {
			t.Errorf("%x, %v", out, err)
		}
		packed, err := l.program.PackedCalldata(l.proof, l.instances, &digest)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Verify(at, packed); err != nil {
			t.Error(err)
		}
		if _, err := c.Verify(at, evm.Calldata(l.proof, l.instances, &other)); err == nil {
			t.Error("a proof verifies under another program")
		}
		tail := append(evm.Calldata(l.proof, l.instances, &digest), 0)
		if _, err := c.Verify(at, tail); err == nil {
			t.Error("a tail is accepted")
		}
	}
}

// TestRegister: a digest that is not registered is refused as such, by every function and whatever the calldata; a program
// that a contract cannot hold, or that was not stored for want of gas, is not registered.
func TestRegister(t *testing.T) {
	c, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	at, _, _, err := c.Deploy(evm.ReusableCreation())
	if err != nil {
		t.Fatal(err)
	}
	n, err := toynet.Random(5, 2)
	l := newLab(t, n, err, 1)
	digest := evm.Digest(l.program.Bytes)
	calls := map[string][]byte{}
	empty := &evm.Program{}
	for name, proof := range map[string][]byte{"a proof": l.proof, "no proof": nil} {
		instances, p := l.instances, l.program
		if proof == nil {
			instances, p = nil, empty
		}
		proofs, lists := [][]byte{proof}, [][]fr.Element{instances}
		calls[name] = evm.Calldata(proof, instances, &digest)
		calls[name+", batch"] = evm.BatchCalldata(proofs, lists, &digest)
		if calls[name+", packed"], err = p.PackedCalldata(proof, instances, &digest); err != nil {
			t.Fatal(err)
		}
		if calls[name+", packed batch"], err = p.PackedBatchCalldata(proofs, lists, &digest); err != nil {
			t.Fatal(err)
		}
	}
	unknown := func() {
		t.Helper()
		for name, call := range calls {
			if out, _, err := c.Call(at, call); err == nil || !bytes.Equal(out, selector("UnknownVka")) {
				t.Errorf("%s: %x, %v", name, out, err)
			}
		}
	}
	unknown()
	for _, size := range []int{evm.MaxCode, 1<<16 - 1, 1 << 16, 1<<16 + 99} {
		long := append(slices.Clone(l.program.Bytes), make([]byte, size-len(l.program.Bytes))...)
		if _, _, err := c.Call(at, evm.RegisterCalldata(long)); err == nil {
			t.Errorf("a program of %d bytes is registered", size)
		}
	}
	register := evm.RegisterCalldata(l.program.Bytes)
	full := c.GasLimit
	for c.GasLimit = 20_000; ; c.GasLimit += 5_000 {
		_, _, err := c.Call(at, register)
		limit := c.GasLimit
		c.GasLimit = full
		if err == nil {
			break
		}
		unknown()
		c.GasLimit = limit
	}
	c.GasLimit = full
	if _, err := c.Verify(at, calls["a proof"]); err != nil {
		t.Error("registered with little gas: ", err)
	}
}

// TestE5_Reusable: the reusable contract refuses what a circuit's own refuses: altered proofs, instances and encodings,
// failing precompiles; and every other digest.
func TestE5_Reusable(t *testing.T) {
	n, err := toynet.Random(5, 2)
	l := newLab(t, n, err, 1)
	d := deployReusable(t, l, evm.ReusableCreation())
	t.Run("proofs", func(t *testing.T) { alteredProofs(t, d) })
	t.Run("instances", func(t *testing.T) { wrongInstances(t, d) })
	t.Run("encodings", func(t *testing.T) { wrongEncodings(t, d) })
	t.Run("precompiles", func(t *testing.T) {
		d := *d
		d.before = [][]byte{l.again()}
		failingPrecompiles(t, &d, func(creation []byte) *deployed { return deployReusable(t, l, creation) })
	})
	t.Run("digests", func(t *testing.T) {
		for name, good := range map[string][]byte{"words": d.words(d.proof), "packed": d.packed(t)} {
			for i := range 32 {
				c := slices.Clone(good)
				c[68+i] ^= 1
				if _, err := d.chain.Verify(d.at, c); err == nil {
					t.Errorf("%s: byte %d of the digest is not read", name, i)
				}
			}
			other := slices.Clone(d.program.Bytes)
			other[0] ^= 1
			digest := evm.Digest(other) // registered, of another key
			if _, err := d.chain.Verify(d.at, splice(good, 68, digest[:])); err == nil {
				t.Errorf("%s: a proof verifies under another key's program", name)
			}
		}
	})
}

// TestUnknownOperation: a program with an operation that does not exist verifies nothing.
func TestUnknownOperation(t *testing.T) {
	n, err := toynet.Random(5, 2)
	l := newLab(t, n, err, 1)
	for _, op := range []byte{10, 255} {
		changed := *l.program
		changed.Bytes = append([]byte{}, l.program.Bytes...)
		changed.Bytes[changed.Tape2At()] = op
		l.program = &changed
		d := deploy(t, l)
		if _, err := d.chain.Verify(d.at, evm.Calldata(l.proof, l.instances, nil)); err == nil {
			t.Errorf("operation %d: the contract accepts", op)
		}
		if err := changed.Verify(&l.vk.Tau, l.instances, l.proof, nil); err == nil || !strings.Contains(err.Error(), "unknown operation") {
			t.Errorf("operation %d: the interpreter says %v", op, err)
		}
	}
}
