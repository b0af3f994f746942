// Compiles as build.mjs does and writes, for each contract, its runtime bytecode and the source map of its instructions:
// node sourcemap.mjs output.json source.sol. Read by the coverage test of internal/evm.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import solc from 'solc'
const [output, file] = process.argv.slice(2)
const input = {
  language: 'Solidity', sources: { [basename(file)]: { content: readFileSync(file, 'utf8') } },
  settings: {
    optimizer: { enabled: true, runs: 1000000 }, viaIR: true, evmVersion: 'shanghai',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['evm.deployedBytecode.object', 'evm.deployedBytecode.sourceMap'] } },
  },
}
const out = JSON.parse(solc.compile(JSON.stringify(input)))
const result = {}
for (const [name, c] of Object.entries(out.contracts[basename(file)])) {
  const code = c.evm.deployedBytecode
  if (code?.object) result[name] = { runtime: code.object, map: code.sourceMap, source: out.sources[basename(file)].id }
}
writeFileSync(output, JSON.stringify(result) + '\n')
