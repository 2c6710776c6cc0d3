import type { PageRequest, PageResponse } from '../cache/index.ts'
import type { ReadRecord } from '../reads/index.ts'
import { readWhole } from './body.ts'
import { fromWorker, toWorker } from './forwardHeaders.ts'
import { newRequestId } from './requestId.ts'
import type { Workers } from './workers.ts'

export interface Rendered {
  readonly response: PageResponse
  readonly record: ReadRecord | undefined
}

/** Has a worker make a page for nobody in particular: to make a purged one again, or to explain one. */
export function renderPage(
  workers: Workers,
  request: PageRequest,
  options: { maxBytes: number; explain?: boolean },
): Promise<Rendered | undefined> {
  return workers.send(
    {
      method: 'GET',
      url: request.rawQuery === '' ? request.path : `${request.path}?${request.rawQuery}`,
      headers: toWorker(request, { requestId: newRequestId(), explain: options.explain }),
      repeatable: true,
    },
    async answer => {
      const { headers, record } = fromWorker(answer.headers)
      const body = await readWhole(answer.body, options.maxBytes)
      if (!Buffer.isBuffer(body)) {
        answer.body.on('error', () => {}).destroy()
        return undefined
      }
      return { response: { status: answer.status, headers, body }, record }
    },
  )
}
