import { z } from 'zod'

/** Missing, null and empty are one mistake to whoever fills in a form. */
const blank = (issue: { input?: unknown }) =>
  issue.input === undefined || issue.input === null || issue.input === '' ? "can't be blank" : 'is invalid'

/** A text that must say something; white space around it is dropped. */
export const text = (max = 200_000) =>
  z
    .string({ error: blank })
    .trim()
    .min(1, { error: "can't be blank", abort: true })
    .max(max, `is too long (at most ${max} characters)`)

export const username = text(60).regex(/^[^\s/?#]+$/, "can't contain spaces or / ? #")
export const email = text(254).pipe(z.email('is invalid'))
export const password = z
  .string({ error: blank })
  .min(1, { error: "can't be blank", abort: true })
  .max(128, 'is too long (at most 128 characters)')
export const newPassword = password.min(8, 'is too short (at least 8 characters)')

/** An optional text of which empty means none. */
export const optionalText = z
  .string({ error: 'is invalid' })
  .trim()
  .nullable()
  .transform(value => value || null)

export const tag = text(40)

/** `'tea, cups ,tea'` → `['tea', 'cups']`, in the author's order. */
export const tagsField = z
  .string()
  .default('')
  .transform(value => [...new Set(value.split(',').map(tag => tag.trim()))].filter(tag => tag !== ''))
  .pipe(z.array(tag).max(20, 'are too many (at most 20)'))

/** What a one-button form sends. */
export const buttonForm = z.object({ back: z.string().optional() })
