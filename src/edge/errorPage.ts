import { STATUS_CODES } from 'node:http'

/** A small page for a person, or JSON for a program, that says what is wrong and nothing about how we are built. */
export function errorPage(
  status: number,
  reason: string,
  accept: string | undefined,
): { headers: string[]; body: Buffer } {
  const html = accept?.includes('text/html') ?? false
  const title = STATUS_CODES[status] ?? 'Error'
  const body = Buffer.from(
    html ? page(status, title, reason) : JSON.stringify({ status, error: title, reason }),
  )
  const headers = [
    'content-type',
    html ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
    'x-content-type-options',
    'nosniff',
  ]
  if (html) headers.push('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  if (status === 503) headers.push('retry-after', '1')
  return { headers, body }
}

function page(status: number, title: string, reason: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status} ${escaped(title)}</title>
<style>
  :root { color-scheme: light dark }
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 2rem; text-align: center;
    font: 1rem/1.6 system-ui, sans-serif }
  h1 { margin: 0; font-size: 4rem; font-weight: 700; line-height: 1 }
  h2 { margin: .5rem 0 1rem; font-size: 1.25rem; font-weight: 600 }
  p { margin: 0; max-width: 34rem; opacity: .75 }
</style>
<main><h1>${status}</h1><h2>${escaped(title)}</h2><p>${escaped(reason)}</p></main>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
