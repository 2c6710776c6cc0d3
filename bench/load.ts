import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Requests a second that wrk (closed loop, two threads) gets from `url`. Throws if any answer was no success. */
export async function wrk(url: string, connections: number, seconds: number): Promise<number> {
  const { stdout } = await run('wrk', ['-t2', `-c${connections}`, `-d${seconds}s`, url])
  if (/Non-2xx or 3xx responses|Socket errors/.test(stdout))
    throw new Error(`wrk saw failures at ${url}:\n${stdout}`)
  const match = /Requests\/sec:\s+([\d.]+)/.exec(stdout)
  if (!match) throw new Error(`wrk printed no figure for ${url}:\n${stdout}`)
  return Number(match[1])
}
