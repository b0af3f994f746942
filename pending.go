package ezkl

import (
	"context"
	"errors"
	"io"

	"github.com/ezkl-go/ezkl/internal/formats"
)

var errPending = errors.New("not there yet")

type Model struct{}
type ModelOptions struct{ Variables []Variable }
type TensorInfo struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
}

func (t TensorInfo) integer() bool { return false }

type TableRow struct{}

func LoadModel(path string, o ModelOptions) (*Model, error) {
	if _, err := formats.ReadFile(path, formats.ONNX); err != nil {
		return nil, err
	}
	return nil, errPending
}
func (m *Model) Inputs() []TensorInfo  { return nil }
func (m *Model) Outputs() []TensorInfo { return nil }
func (m *Model) Table() []TableRow     { return nil }
func FormatTable(m *Model) string      { return "" }

type SettingsOptions struct {
	RunArgs      RunArgs
	GlobalScales bool
	KeepLogRows  bool
}

func GenSettings(ctx context.Context, m *Model, o SettingsOptions) (*Settings, error) {
	return nil, errPending
}

type CalibrateOptions struct {
	Target                string
	LookupSafetyMargin    float64
	Scales                []int
	ScaleRebaseMultiplier []int
	MaxLogRows            int
	Progress              Progress
}
type CalibrationReport struct{}

func (r *CalibrationReport) String() string { return "" }

func Calibrate(ctx context.Context, m *Model, s *Settings, d *Data, o CalibrateOptions) (*CalibrationReport, error) {
	return nil, errPending
}

type CompileOptions struct{ Progress Progress }
type Circuit struct{ c *formats.Compiled }
type CircuitInfo struct{}

func (i CircuitInfo) String() string                  { return "" }
func (c *Circuit) Info() CircuitInfo                  { return CircuitInfo{} }
func (c *Circuit) LogRows() int                       { return 0 }
func (c *Circuit) Outputs() []TensorInfo              { return nil }
func (c *Circuit) WriteTo(w io.Writer) (int64, error) { return c.c.WriteTo(w) }
func Compile(context.Context, *Model, *Settings, CompileOptions) (*Circuit, error) {
	return nil, errPending
}
func LoadCircuit(path string) (*Circuit, error) {
	c, err := load(path, formats.CompiledFile, formats.ParseCompiled)
	if err != nil {
		return nil, err
	}
	return &Circuit{c}, nil
}

type SRS struct{}

func UnsafeSRS(ctx context.Context, logRows int) (*SRS, error) { return nil, errPending }
func (s *SRS) Save(path string) error                          { return errPending }
func LoadSRS(path string, logRows int) (*SRS, error)           { return nil, errPending }
func FindSRS(path string, logRows int) (*SRS, error)           { return nil, errPending }

type GetSRSOptions struct {
	Path, From string
	LogRows    int
	Progress   Progress
}
type GetSRSReport struct{}

func (*GetSRSReport) String() string                                     { return "" }
func GetSRS(ctx context.Context, o GetSRSOptions) (*GetSRSReport, error) { return nil, errPending }

type ProvingKey struct{ io.WriterTo }
type VerifyingKey struct{ io.WriterTo }

func (*ProvingKey) Unsafe() bool     { return false }
func (*VerifyingKey) Unsafe() bool   { return false }
func (*VerifyingKey) LogRows() int   { return 0 }
func (*VerifyingKey) Digest() string { return "" }
func LoadProvingKey(path string) (*ProvingKey, error) {
	if _, err := formats.ReadFile(path, formats.PKFile); err != nil {
		return nil, err
	}
	return nil, errPending
}
func LoadVerifyingKey(path string) (*VerifyingKey, error) {
	if _, err := formats.ReadFile(path, formats.VKFile); err != nil {
		return nil, err
	}
	return nil, errPending
}

type SetupOptions struct {
	Witness         *Witness
	RequireCeremony bool
	Progress        Progress
}

func Setup(context.Context, *Circuit, *SRS, SetupOptions) (*ProvingKey, *VerifyingKey, error) {
	return nil, nil, errPending
}
func CheckKey(context.Context, *VerifyingKey, *Circuit, *SRS) error { return errPending }
func GenWitness(ctx context.Context, c *Circuit, d *Data) (*Witness, error) {
	return nil, errPending
}

type MockReport struct{}

func (*MockReport) String() string                                          { return "" }
func Mock(ctx context.Context, c *Circuit, w *Witness) (*MockReport, error) { return nil, errPending }

type ProveOptions struct {
	Transcript string
	SkipCheck  bool
	Progress   Progress
}

func Prove(context.Context, *Circuit, *ProvingKey, *SRS, *Witness, ProveOptions) (*Proof, error) {
	return nil, errPending
}

type VerifyOptions struct{ RequireCeremony bool }

func Verify(*VerifyingKey, *Proof, VerifyOptions) error { return errPending }
func RejectionCode(err error) string                    { return "" }

type QuickstartStep struct{}

func (QuickstartStep) String() string { return "" }

type QuickstartOptions struct {
	Dir  string
	Step func(QuickstartStep)
}
type QuickstartReport struct{}

func (*QuickstartReport) String() string { return "" }
func Quickstart(context.Context, QuickstartOptions) (*QuickstartReport, error) {
	return nil, errPending
}
