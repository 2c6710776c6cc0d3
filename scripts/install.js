// Installs the workspace exactly as the lockfile says, if it isn't already, on a machine that has only Node >= 20
// and npm. npm skips optional binaries whose `engines` exclude the Node it runs on, so an older Node first fetches
// the pinned one and lets that run the installation.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lock = readFileSync(join(root, 'package-lock.json'))
const mark = join(root, 'node_modules', '.installed')
const wanted = createHash('sha256').update(lock).digest('hex')

if (!existsSync(mark) || readFileSync(mark, 'utf8') !== wanted) {
  console.log('Installing packages (the first time takes a minute) …')
  npm(nodeForInstalling(), ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(mark, wanted)
}

function nodeForInstalling() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const name = `node-${process.platform}-${process.arch}`
  const version = JSON.parse(lock.toString()).packages['']?.optionalDependencies?.[name]
  if (!version) {
    console.error(
      `Quintet needs Node 24 or newer; this is ${process.version}, and no pinned Node is known for ${process.platform}-${process.arch}. Install Node 24 and run the command again.`,
    )
    process.exit(1)
  }
  const prefix = join(root, '.quintet', 'node')
  const pinned = join(prefix, 'node_modules', name, 'bin', 'node')
  if (!existsSync(pinned)) {
    mkdirSync(prefix, { recursive: true })
    writeFileSync(join(prefix, 'package.json'), '{"private":true}')
    npm(process.execPath, [
      'install',
      '--prefix',
      prefix,
      '--no-package-lock',
      '--loglevel=error',
      `${name}@${version}`,
    ])
  }
  return pinned
}

function npm(node, args) {
  const cli = process.env.npm_execpath
  const path = `${dirname(node)}:${process.env.PATH}`
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } }
  const done = cli ? spawnSync(node, [cli, ...args], options) : spawnSync('npm', args, options)
  if (done.status !== 0) {
    console.error(
      `npm ${args[0]} failed${done.error ? `: ${done.error.message}` : ''}. Its own message is above.`,
    )
    process.exit(done.status ?? 1)
  }
}
