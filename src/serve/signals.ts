import { signal } from '../core/index.ts'

export const signals = {
  childReady: signal<{ name: string; pid: number; restarts: number }>('serve.childReady'),
  childEnded: signal<{ name: string; pid: number; last: string; wasReady: boolean }>('serve.childEnded'),
}
