package ezkl

import (
	"context"
	"fmt"
	"time"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/lower"
)

// SettingsOptions shape GenSettings.
type SettingsOptions struct {
	RunArgs RunArgs
	// GlobalScales fixes all scales to those of RunArgs, as ezkl does; otherwise calibration gives each tensor its own.
	GlobalScales bool
	// KeepLogRows keeps RunArgs.LogRows where the circuit needs less; otherwise logrows is what the circuit needs.
	KeepLogRows bool
}

// GenSettings makes the settings of a network. Unless scales are global, Calibrate should follow: until then ranges are
// guessed from random inputs in [-1, 1).
func GenSettings(ctx context.Context, m *Model, o SettingsOptions) (*Settings, error) {
	if err := o.RunArgs.Check(); err != nil {
		return nil, err
	}
	now := time.Now().UnixMilli()
	s := &Settings{RunArgs: o.RunArgs, CheckMode: o.RunArgs.CheckMode, Version: Version, Timestamp: &now,
		EzklGo: &formats.Own{Format: formats.OwnFormat, ModelSHA256: m.Digest(), Scales: formats.ScalesAuto}}
	if o.GlobalScales {
		s.EzklGo.Scales = formats.ScalesGlobal
	}
	if o.KeepLogRows {
		k := o.RunArgs.LogRows
		s.EzklGo.LogRowsWanted = &k
	}
	for _, in := range m.graph.Inputs {
		s.InputTypes = append(s.InputTypes, typeName(in.Type))
		if o.RunArgs.InputVisibility.Kind == formats.Public {
			s.ModelInstanceShapes = append(s.ModelInstanceShapes, in.Shape)
		}
	}
	for _, out := range m.graph.Outputs {
		s.OutputTypes = append(s.OutputTypes, typeName(out.Type))
		if o.RunArgs.OutputVisibility.Kind == formats.Public {
			s.ModelInstanceShapes = append(s.ModelInstanceShapes, out.Shape)
		}
	}
	m.guess(ctx, s)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l, err := m.lower(s)
	if err != nil {
		return nil, err
	}
	if err := fill(s, l); err != nil {
		return nil, err
	}
	return s, nil
}

// fill writes into the settings what a compilation found.
func fill(s *Settings, l *lower.Compiled) error {
	need := l.Circuit.LogRow + 1
	s.RunArgs.LogRows = need
	if s.EzklGo != nil && s.EzklGo.LogRowsWanted != nil {
		if want := *s.EzklGo.LogRowsWanted; want < need {
			return fmt.Errorf("the circuit needs logrows %d, --logrows is %d", need, want)
		} else {
			s.RunArgs.LogRows = want
		}
	}
	s.ModelInputScales, s.ModelOutputScales = nil, nil
	for _, x := range l.Inputs {
		s.ModelInputScales = append(s.ModelInputScales, x.Scale)
	}
	for _, x := range l.Outputs {
		s.ModelOutputScales = append(s.ModelOutputScales, x.Scale)
	}
	s.TotalAssignments, s.TotalConstSize = 0, 0
	for i := range l.Circuit.Blocks {
		b := &l.Circuit.Blocks[i]
		switch b.Role {
		case circuit.Column, circuit.Free:
			s.TotalAssignments += int64(circuit.Count(b.Dims))
		case circuit.Fixed, circuit.Private:
			s.TotalConstSize += int64(circuit.Count(b.Dims))
		}
	}
	row := int64(1) << l.Circuit.LogRow
	s.NumRows = (s.TotalAssignments + row - 1) / row
	return nil
}
