import net from 'node:net'
import { expect, it } from 'vitest'
import { bindSocket } from './listener.ts'

it('names the setting of a port that is taken, and the next one as the way out', async () => {
  const other = net.createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as net.AddressInfo
  expect(() => bindSocket('127.0.0.1', port, 'edge.http.port')).toThrow(
    `SERVE_PORT_TAKEN: 127.0.0.1:${port} (setting edge.http.port) is in use by another program. Stop that program, or choose another port: --set edge.http.port=${port + 1}.`,
  )
  await new Promise(resolve => other.close(resolve))
})

it('refuses an address that is not ours', () => {
  expect(() => bindSocket('203.0.113.1', 8080, 'edge.http.port')).toThrow('SERVE_PORT_REFUSED')
})
