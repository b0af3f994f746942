// Compiles Solidity with the pinned solc: node build.mjs output.json source.sol. Run by `make evm`, which writes what
// package evm embeds, and by its test, which compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import solc from 'solc'
const [output, ...files] = process.argv.slice(2)
const sources = Object.fromEntries(files.map(f => [basename(f), { content: readFileSync(f, 'utf8') }]))
const input = {
  language: 'Solidity', sources,
  settings: {
    optimizer: { enabled: true, runs: 1000000 }, viaIR: true, evmVersion: 'shanghai',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  },
}
const out = JSON.parse(solc.compile(JSON.stringify(input)))
for (const e of out.errors ?? []) {
  console.error(e.formattedMessage)
  if (e.severity === 'error') process.exitCode = 1
}
if (process.exitCode) process.exit()
const contracts = {}
for (const file of Object.keys(out.contracts))
  for (const [name, c] of Object.entries(out.contracts[file]))
    if (c.evm.bytecode.object)
      contracts[name] = { abi: c.abi, creation: c.evm.bytecode.object, runtime: c.evm.deployedBytecode.object.length / 2 }
writeFileSync(output, JSON.stringify({ compiler: solc.version(), contracts }, null, 1) + '\n')
for (const [name, c] of Object.entries(contracts)) console.log(name, c.runtime, 'bytes')
