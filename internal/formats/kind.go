package formats

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
)

// Kind is what a file holds, judged by its first bytes.
type Kind uint8

const (
	Unknown Kind = iota
	ONNX
	CompiledFile
	VKFile
	PKFile
	SRSFile
	PTau
	NPY
	NPZ
	HDF5
	SettingsFile
	DataFile
	WitnessFile
	ProofFile
	JSON // a JSON object of another kind
)

// kinds names each kind, with its article, and the command that makes it.
var kinds = [...]struct{ name, from string }{
	Unknown:      {"a file of unknown kind", ""},
	ONNX:         {"an ONNX file", "export the network to ONNX"},
	CompiledFile: {"a compiled circuit", "run compile-circuit"},
	VKFile:       {"a verifying key", "run setup"},
	PKFile:       {"a proving key", "run setup"},
	SRSFile:      {"an SRS", "run get-srs, or gen-srs for tests"},
	PTau:         {"a powers-of-tau file", ""},
	NPY:          {"a NumPy array", ""},
	NPZ:          {"a zip archive (of NumPy arrays, or a PyTorch checkpoint)", ""},
	HDF5:         {"an HDF5 file (a Keras model?)", ""},
	SettingsFile: {"a settings file", "run gen-settings"},
	DataFile:     {"an input data file", "run gen-random-data, or write {\"input_data\": [[..]]}"},
	WitnessFile:  {"a witness", "run gen-witness"},
	ProofFile:    {"a proof", "run prove"},
	JSON:         {"another JSON file", ""},
}

func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k].name
	}
	return kinds[Unknown].name
}

// magics are the first bytes of binary files, without their version.
var magics = []struct {
	magic string
	kind  Kind
}{
	{MagicCompiled, CompiledFile}, {"EZKLVK", VKFile}, {"EZKLPK", PKFile}, {"EZKLSRS", SRSFile}, {"ptau", PTau},
	{"\x93NUMPY", NPY}, {"PK\x03\x04", NPZ}, {"PK\x05\x06", NPZ}, {"\x89HDF", HDF5},
}

// SniffLen is the number of leading bytes that Sniff looks at for files that are not JSON.
const SniffLen = 512

// Sniff judges a file by its bytes: head is its beginning (all of it for JSON to be told apart), size its whole length.
func Sniff(head []byte, size int64) Kind {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.kind
		}
	}
	if text := bytes.TrimLeft(head, " \t\r\n\ufeff"); len(text) > 0 && text[0] == '{' {
		return sniffJSON(head)
	}
	if len(head) >= 4 { // halo2: the logarithm k, 2^k points twice, two points of G2
		if k := binary.LittleEndian.Uint32(head); k <= 28 && size == 4+128<<k+256 {
			return SRSFile
		}
	}
	if len(head) >= 2 && head[0] == 0x08 && head[1] > 0 && head[1] < 64 { // field 1, ir_version
		return ONNX
	}
	return Unknown
}

func sniffJSON(text []byte) Kind {
	seen := map[string]bool{}
	s := newScanner("", text)
	_ = s.object(func(key string) error { // a defect later in the text does not matter here
		seen[key] = true
		return s.skip()
	})
	switch {
	case seen["run_args"]:
		return SettingsFile
	case seen["input_data"]:
		return DataFile
	case seen["instances"] || seen["hex_proof"]: // the text may be only a file's beginning
		return ProofFile
	case seen["inputs"]:
		return WitnessFile
	}
	return JSON
}

// WrongKind is the error for a file that is of kind got where want is needed.
func WrongKind(path string, got, want Kind) error {
	how := ""
	if from := kinds[want].from; from != "" {
		how = " (" + from + ")"
	}
	return fmt.Errorf("%s is %s, %s is needed%s", filepath.ToSlash(path), got, kinds[want].name, how)
}
