import { defineErrors } from './errors.ts'

const errors = defineErrors({
  CORE_BAD_DURATION: {
    message: (f: { value: string }) => `"${f.value}" is not a duration.`,
    remedy: 'Write a number and a unit: 250ms, 30s, 5m, 2h or 7d.',
  },
  CORE_BAD_SIZE: {
    message: (f: { value: string }) => `"${f.value}" is not a size.`,
    remedy: 'Write a number and a unit: 512B, 64kB, 256MB or 2GB.',
  },
})

const millisecondsPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const bytesPer = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const

/** Milliseconds in `'300ms'`, `'1.5s'`, `'5m'`, `'2h'`, `'7d'`. A number is taken as milliseconds. Throws CORE_BAD_DURATION. */
export function parseDuration(value: string | number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(String(value))
  if (!match) throw errors.CORE_BAD_DURATION({ value: String(value) })
  return Number(match[1]) * millisecondsPer[match[2] as keyof typeof millisecondsPer]
}

/** Bytes in `'512B'`, `'64kB'`, `'256MB'`, `'2GB'` (powers of 1024). A number is taken as bytes. Throws CORE_BAD_SIZE. */
export function parseSize(value: string | number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  const match = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB)$/.exec(String(value))
  if (!match) throw errors.CORE_BAD_SIZE({ value: String(value) })
  return Math.round(Number(match[1]) * bytesPer[match[2] as keyof typeof bytesPer])
}
