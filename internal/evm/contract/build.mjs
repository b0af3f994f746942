// Compiles the contracts with the pinned solc and writes what package evm embeds. Run by `make evm`.
import { createRequire } from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'
const require = createRequire(process.argv[2] + '/')
const solc = require('solc')
const sources = Object.fromEntries(process.argv.slice(4).map(f => [f, { content: readFileSync(f, 'utf8') }]))
const input = {
  language: 'Solidity', sources,
  settings: {
    optimizer: { enabled: true, runs: 1000000 }, viaIR: true, evmVersion: 'shanghai',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.deployedBytecode.sourceMap', 'userdoc', 'devdoc'] } },
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
    if (c.evm.bytecode.object) {
      contracts[name] = { abi: c.abi, creation: c.evm.bytecode.object, runtime: c.evm.deployedBytecode.object.length / 2 }
      if (process.env.SOURCEMAP) writeFileSync(process.env.SOURCEMAP + '/' + name + '.map', c.evm.deployedBytecode.sourceMap)
    }
writeFileSync(process.argv[3], JSON.stringify({ compiler: solc.version(), contracts }, null, 1) + '\n')
for (const [name, c] of Object.entries(contracts)) console.log(name, c.runtime, 'bytes')
