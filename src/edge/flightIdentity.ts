import type { PageRequest } from '../cache/index.ts'

/** Requests that may wait for the same render; whether they get it, the recorded parts decide afterwards. */
export function flightIdentity(request: PageRequest, authorization: string | undefined): string {
  return `${request.method} ${request.protocol}://${request.host}${request.path}?${request.rawQuery}\n${request.cookie ?? ''}\n${authorization ?? ''}`
}
