import { h } from 'preact'
import { asset } from './assets.ts'
import type { Layout } from './layout.ts'
import { palette } from './palette.ts'

const style = `${palette}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif }
main { width: min(100% - 2.5rem, 40rem); margin: 3rem auto }
h1, h2, h3 { line-height: 1.2; letter-spacing: -.015em; text-wrap: balance }
h1 { margin: 0 0 1.5rem; font-size: clamp(1.9rem, 6vw, 2.6rem) }
a { color: var(--mark); text-underline-offset: .2em }
form { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0 0 2rem }
input, textarea, select, button { font: inherit; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: .5rem;
  color: inherit; background: transparent }
input, textarea, select { flex: 1 1 10rem; min-width: 0 }
button { border-color: var(--mark); background: var(--mark); color: var(--paper); font-weight: 600; cursor: pointer }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px }
table { width: 100%; border-collapse: collapse }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); text-align: left }
pre { padding: 1rem 1.25rem; overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem }
`

/** Beside the app's own assets, for {@link plainLayout}. */
export const plainStyle = { name: 'quintet-plain.css', body: Buffer.from(style) }

/** The document around pages of an app that has no layout of its own: readable on a phone and a desktop, light and dark. */
export const plainLayout: Layout = {
  load: async () => ({}),
  view: ({ head, children }) =>
    h('html', { lang: 'en' }, [
      h('head', null, [
        h('meta', { charset: 'utf-8' }),
        h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
        h('title', null, head.title ?? 'Untitled'),
        head.description ? h('meta', { name: 'description', content: head.description }) : null,
        h('link', { rel: 'stylesheet', href: asset(plainStyle.name) }),
      ]),
      h('body', null, children),
    ]),
}
