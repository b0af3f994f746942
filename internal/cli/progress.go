package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/ezkl-go/ezkl"
)

// bar shows the progress of long steps on a terminal, and nothing elsewhere.
type bar struct {
	w    io.Writer // nil: draw nothing
	step string
	bar  *progressbar.ProgressBar
}

func newBar(w io.Writer) *bar {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &bar{w: w}
	}
	return &bar{}
}

// progress is the callback for the API.
func (b *bar) progress() ezkl.Progress {
	if b.w == nil {
		return nil
	}
	return func(step string, done, total int64) {
		if step != b.step {
			b.clear()
			if total <= 0 {
				total = -1
			}
			b.step = step
			b.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(step),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30),
				progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true))
		}
		_ = b.bar.Set64(done)
	}
}

// clear removes the bar, so that lines can be printed.
func (b *bar) clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
		b.bar, b.step = nil, ""
	}
}
