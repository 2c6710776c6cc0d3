import { asset, defineLayout, type User } from 'quintet'
import { Avatar, profileUrl } from './users/views.tsx'

/** The document around every page. */
export const layout = defineLayout({
  load: async ({ user }) => ({ viewer: await user() }),
  view: ({ children, head, path, viewer }) => (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{head.title ? `${head.title} · Conduit` : 'Conduit: a place to share your knowledge'}</title>
        {head.description && <meta name="description" content={head.description} />}
        {head.robots && <meta name="robots" content={head.robots} />}
        <meta name="theme-color" content="#0c3a30" />
        <link rel="icon" href={asset('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={asset('style.css')} />
        <script type="module" src={asset('app.js')} />
      </head>
      <body>
        <a class="skip-link" href="#content">
          Skip to content
        </a>
        <Navigation path={path} viewer={viewer} />
        <main id="content">{children}</main>
        <footer>
          <div class="container">
            <a class="logo-font" href="/">
              conduit
            </a>
            <span>An example blog, served by Quintet. Its articles are made up.</span>
          </div>
        </footer>
      </body>
    </html>
  ),
})

function Navigation({ path, viewer }: { path: string; viewer: User | null }) {
  const link = (href: string, text: preact.ComponentChildren) => (
    <li class="nav-item">
      <a
        class={`nav-link${path === href ? ' active' : ''}`}
        href={href}
        aria-current={path === href ? 'page' : undefined}
      >
        {text}
      </a>
    </li>
  )
  return (
    <nav class="navbar navbar-light" aria-label="Main">
      <div class="container">
        <a class="navbar-brand" href="/">
          <svg
            viewBox="0 0 32 32"
            fill="none"
            stroke="currentColor"
            stroke-width="4.5"
            stroke-linecap="round"
            aria-hidden="true"
          >
            <path d="M25 9.5A11 11 0 1 0 25 22.5" />
            <path d="M15 16h14" stroke="var(--mark)" />
          </svg>
          conduit
        </a>
        <ul class="nav navbar-nav">
          {link('/', 'Home')}
          {viewer ? (
            <>
              {link(
                '/editor',
                <>
                  <i class="ion-compose" aria-hidden="true" />
                  <span>New Article</span>
                </>,
              )}
              {link(
                '/settings',
                <>
                  <i class="ion-gear-a" aria-hidden="true" />
                  <span>Settings</span>
                </>,
              )}
              {link(
                profileUrl(viewer.username),
                <>
                  <Avatar of={viewer} class="user-pic" size={28} />
                  <span>{viewer.username}</span>
                </>,
              )}
            </>
          ) : (
            <>
              {link('/login', 'Sign in')}
              {link('/register', 'Sign up')}
            </>
          )}
        </ul>
      </div>
    </nav>
  )
}
