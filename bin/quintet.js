#!/usr/bin/env node
// Plain JavaScript that any Node with ES modules can read: it finds the right Node, then the program.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldestNode = 24
const home = dirname(dirname(fileURLToPath(import.meta.url)))

if (Number(process.versions.node.split('.')[0]) >= oldestNode) {
  // A process starts in two thirds of the time when its code need not be compiled again; kept where only we write.
  module.enableCompileCache(join(home, 'node_modules', '.cache', 'quintet'))
  const sources = new URL('../src/cli/main.ts', import.meta.url)
  const built = new URL('../dist/cli/main.js', import.meta.url)
  const { main } = await import(existsSync(sources) ? sources.href : built.href)
  process.exitCode = await main(process.argv.slice(2))
} else {
  const pinned = process.env.QUINTET_PINNED_NODE ? undefined : pinnedNode()
  if (pinned) runUnder(pinned)
  else {
    console.error(
      `Quintet needs Node ${oldestNode} or newer; this is ${process.version}. Install Node ${oldestNode}, or run npm install here to get the pinned one.`,
    )
    process.exitCode = 1
  }
}

/** The Node that the workspace installs as a package, in this folder's node_modules or one further out. */
function pinnedNode() {
  for (let folder = home; ; folder = dirname(folder)) {
    for (const name of ['.bin/node', `node-${process.platform}-${process.arch}/bin/node`]) {
      const file = join(folder, 'node_modules', name)
      if (existsSync(file)) return file
    }
    if (folder === dirname(folder)) return undefined
  }
}

function runUnder(node) {
  const child = spawn(node, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, QUINTET_PINNED_NODE: node }, // so that it never asks again
  })
  // Ctrl-C in a terminal reaches the child by itself, but a signal sent to us alone would not. It may get both, so it
  // is told as SIGTERM, which means the same and never counts as a second, impatient Ctrl-C.
  process.on('SIGINT', () => child.kill('SIGTERM'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    console.error(`The pinned Node ${node} can't be run: ${error.message}.`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + constants.signals[signal] : code
  })
}
