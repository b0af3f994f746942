package ezkl

import (
	"context"
	"errors"
	"io"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/report"
)

// ModelReport says, node by node, whether and how a circuit holds a model, and what proofs of it cost.
type ModelReport = report.Report

// CheckOptions shape CheckModel.
type CheckOptions struct {
	// Settings to compile with; nil: those of GenSettings with RunArgs.
	Settings *Settings
	// SettingsOptions are used where there are no settings.
	SettingsOptions SettingsOptions
}

// CheckModel reports on the ONNX file at path. A model that is not supported is no error: the report says why. Errors are
// those of reading files.
func CheckModel(ctx context.Context, path string, o CheckOptions) (*ModelReport, error) {
	variables := o.SettingsOptions.RunArgs.Variables
	if o.Settings != nil {
		variables = o.Settings.RunArgs.Variables
	}
	m, err := LoadModel(path, ModelOptions{Variables: variables})
	var bad *graph.UnsupportedError
	if errors.As(err, &bad) {
		return report.Failed(nil, err), nil
	}
	if err != nil {
		return nil, err
	}
	s := o.Settings
	if s == nil {
		s, err = GenSettings(ctx, m, o.SettingsOptions)
	} else {
		err = m.check(s)
	}
	if err == nil {
		l, lerr := m.lower(s)
		if lerr == nil {
			return report.Make(m.graph, l)
		}
		err = lerr
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if o.Settings == nil && o.SettingsOptions.RunArgs.Check() != nil {
		return nil, err
	}
	return report.Failed(m.graph, err), nil
}

// Picture draws a report's network. It implements io.WriterTo.
type Picture struct {
	Report *ModelReport
	Title  string
	HTML   bool // a page with the picture and the table; else SVG
}

// WriteTo writes the picture.
func (p Picture) WriteTo(w io.Writer) (int64, error) {
	if p.HTML {
		return report.WriteHTML(w, p.Title, p.Report)
	}
	return report.WriteSVG(w, p.Report)
}
