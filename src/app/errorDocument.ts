import { createHash } from 'node:crypto'
import { palette } from './palette.ts'

const style = `${palette}
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 2rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
main { width: min(100%, 44rem) }
.status { margin: 0; color: var(--mark); font-size: .875rem; font-weight: 600; letter-spacing: .08em }
h1 { margin: .25rem 0 .75rem; font-size: clamp(1.75rem, 6vw, 2.75rem); line-height: 1.15; letter-spacing: -.02em }
p { margin: 0 0 1rem; color: var(--soft); overflow-wrap: anywhere }
a { color: var(--mark); font-weight: 500; text-underline-offset: .2em }
small, code { color: var(--soft); font: .8125rem/1.6 ui-monospace, monospace }
pre { margin: 1.5rem 0; padding: 1rem 1.25rem; overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem;
  color: var(--ink); font: .8125rem/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
`

/** For pages that carry their own style: nothing else may load, and exactly this style applies. */
export const errorDocumentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const explanations: Readonly<Record<number, string>> = {
  401: 'Sign in to see this page.',
  403: 'You may not do this.',
  404: 'There is nothing at this address. It may have been moved or deleted.',
  405: 'This address does not take that kind of request.',
  413: 'What was sent is larger than this site accepts.',
  500: 'The page could not be made. It is not your fault; please try again in a moment.',
  503: 'The site is not available just now. Please try again in a moment.',
}

export interface ErrorDocument {
  status: number
  title: string
  /** Empty where the page is the same for many requests. */
  requestId: string
  /** What to say instead of the general explanation. */
  detail?: string
  /** Only in debug: the error's stack, with its causes. */
  stack?: string
}

/** The built-in error page: one file, no scripts, light and dark. */
export function errorDocument({ status, title, requestId, detail, stack }: ErrorDocument): string {
  const text = detail ?? explanations[status] ?? 'The request could not be answered.'
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><p class="status">${status}</p><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${
    stack === undefined ? '' : `<pre>${escapeHtml(stack)}</pre>`
  }<p><a href="/">To the front page</a></p>${
    requestId ? `<small>Request ${escapeHtml(requestId)}</small>` : ''
  }</main></body></html>`
}

/** The stack with those of its causes, as Node prints uncaught errors. */
export function fullStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}\n\nCaused by: ${fullStack(error.cause)}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
