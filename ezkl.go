package ezkl

import (
	"io"

	"github.com/ezkl-go/ezkl/internal/formats"
)

// Version is the version of this implementation, as written in its files.
const Version = "0.1.0+go"

// Default file names of the workflow.
const (
	DefaultData        = "input.json"
	DefaultCalibration = "calibration.json"
	DefaultModel       = "network.onnx"
	DefaultCompiled    = "model.compiled"
	DefaultSettings    = "settings.json"
	DefaultWitness     = "witness.json"
	DefaultPK          = "pk.key"
	DefaultVK          = "vk.key"
	DefaultProof       = "proof.json"
)

// The artefacts that are JSON files, and their parts.
type (
	// RunArgs are the choices that shape a circuit.
	RunArgs = formats.RunArgs
	// Variable binds a symbolic dimension of the network to a length.
	Variable = formats.Variable
	// Visibility says who sees inputs, outputs or parameters.
	Visibility = formats.Visibility
	// Settings is settings.json.
	Settings = formats.Settings
	// Data is input data: a flat array for each network input.
	Data = formats.Data
	// Witness is witness.json: the network's inputs and outputs as integers.
	Witness = formats.Witness
	// Proof is proof.json: instances and proof bytes.
	Proof = formats.Proof
)

// Visibilities that circuits support.
var (
	Private = Visibility{Kind: formats.Private} // only the prover knows the values
	Public  = Visibility{Kind: formats.Public}  // the values are instances of the proof
	Fixed   = Visibility{Kind: formats.Fixed}   // the values are constants of the verifying key
)

// DefaultRunArgs are the defaults of the command line: private input and parameters, public output.
func DefaultRunArgs() RunArgs { return formats.DefaultRunArgs() }

// ParseVisibility reads private, public, fixed and the names of visibilities that are not there yet.
func ParseVisibility(s string) (Visibility, error) { return formats.ParseVisibility(s) }

// ParseVariables reads name->length,name->length.
func ParseVariables(s string) ([]Variable, error) { return formats.ParseVariables(s) }

// ParseRange reads min->max.
func ParseRange(s string) ([2]int64, error) { return formats.ParseRange(s) }

// Progress is told of a long step: its name, and how much of it is done. total = 0: the amount is not known.
type Progress func(step string, done, total int64)

func (p Progress) report(step string, done, total int64) {
	if p != nil {
		p(step, done, total)
	}
}

// Save writes an artefact to a file: all of it or nothing. The file appears under its name when it is complete.
func Save(path string, artefact io.WriterTo) error { return formats.WriteFile(path, artefact) }

// SaveAll is Save for artefacts that belong together: no file appears unless all could be written.
func SaveAll(artefacts map[string]io.WriterTo) error {
	var pending []*formats.Pending
	defer func() {
		for _, p := range pending {
			p.Abort()
		}
	}()
	for path, a := range artefacts {
		p, err := formats.Create(path)
		if err != nil {
			return err
		}
		pending = append(pending, p)
		if _, err := a.WriteTo(p); err != nil {
			return err
		}
	}
	for _, p := range pending {
		if err := p.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// load reads a file of the given kind and parses it.
func load[T any](path string, kind formats.Kind, parse func(name string, data []byte) (T, error)) (T, error) {
	b, err := formats.ReadFile(path, kind)
	if err != nil {
		var zero T
		return zero, err
	}
	return parse(path, b)
}

// read is load for a stream; name is used in messages.
func read[T any](name string, r io.Reader, kind formats.Kind, parse func(name string, data []byte) (T, error)) (T, error) {
	b, err := io.ReadAll(io.LimitReader(r, formats.MaxBinary))
	if err == nil {
		err = formats.CheckKind(name, b[:min(len(b), formats.SniffLen)], int64(len(b)), kind)
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return parse(name, b)
}

// LoadSettings reads a settings file.
func LoadSettings(path string) (*Settings, error) {
	return load(path, formats.SettingsFile, formats.ParseSettings)
}

// ReadSettings reads settings.json from a stream; name is used in messages.
func ReadSettings(name string, r io.Reader) (*Settings, error) {
	return read(name, r, formats.SettingsFile, formats.ParseSettings)
}

// LoadWitness reads a witness file.
func LoadWitness(path string) (*Witness, error) {
	return load(path, formats.WitnessFile, formats.ParseWitness)
}

// ReadWitness reads witness.json from a stream; name is used in messages.
func ReadWitness(name string, r io.Reader) (*Witness, error) {
	return read(name, r, formats.WitnessFile, formats.ParseWitness)
}

// LoadProof reads a proof file.
func LoadProof(path string) (*Proof, error) {
	return load(path, formats.ProofFile, formats.ParseProof)
}

// ReadProof reads proof.json from a stream; name is used in messages.
func ReadProof(name string, r io.Reader) (*Proof, error) {
	return read(name, r, formats.ProofFile, formats.ParseProof)
}

// LoadData reads input data from a file: input.json, .npy or .npz.
func LoadData(path string) (*Data, error) {
	return load(path, formats.DataFile, formats.ParseData)
}

// ReadData reads input data of any kind from a stream; name is used in messages.
func ReadData(name string, r io.Reader) (*Data, error) {
	return read(name, r, formats.DataFile, formats.ParseData)
}
