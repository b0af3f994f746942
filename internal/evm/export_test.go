package evm

// UseContract replaces the embedded contracts, before any is used.
func UseContract(raw []byte) { contractJSON = raw }

// PackTightly makes Compile use words again wherever it can, and gives the function that ends this.
func PackTightly() (end func()) {
	old := packings
	packings = []packing{{piece: 8, sums: 2, gap: 2}}
	return func() { packings = old }
}

// ResultWords is the number of words that the results of the program's tapes take.
func (p *Program) ResultWords() int {
	h := p.header()
	return int(h.Inputs-h.Results)/32 - 2
}

// Tape2At is where the second tape begins in the program.
func (p *Program) Tape2At() int { return int(p.header().Tape2) }
