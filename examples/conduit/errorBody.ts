import type { ErrorBody } from 'quintet'

/** The API's envelope: `{ errors: { field: [messages] } }`. A nested field goes by its own name: `article.title` is `title`. */
export const errorBody: ErrorBody = ({ status, errors }) => {
  const named = Object.entries(errors ?? {}).map(([path, messages]) => [fieldOf(path), messages ?? []])
  return {
    errors:
      named.length > 0
        ? Object.fromEntries(named)
        : { [status >= 500 ? 'server' : 'request']: [words(status)] },
  }
}

// `article.tagList.0` is a mistake in `tagList`.
const fieldOf = (path: string) =>
  path
    .split('.')
    .filter(part => !/^\d+$/.test(part))
    .at(-1) || 'request'

function words(status: number): string {
  if (status === 404) return 'not found'
  if (status === 403) return 'forbidden'
  return status >= 500 ? 'failed' : 'is invalid'
}
