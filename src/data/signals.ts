import { signal } from '../core/index.ts'

/** An idle connection of the pool ended: the server restarted or cut it. The pool opens another when it needs one. */
export const connectionLost = signal<{ reason: string }>('data.connectionLost')

/** A transaction failed to serialize and is tried again. */
export const transactionRetried = signal<{ attempt: number; code: string }>('data.transactionRetried')

/** The embedded server started or ended. */
export const serverState = signal<{ state: 'started' | 'stopped' | 'died'; detail: string }>(
  'data.serverState',
)
