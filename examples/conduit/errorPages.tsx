import type { ErrorPageProps } from 'quintet'

/** The pipe that leads nowhere. */
function BrokenPipe() {
  return (
    <svg
      viewBox="0 0 260 90"
      fill="none"
      stroke="currentColor"
      stroke-width="12"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M6 30h58a22 22 0 0 1 22 22v4" />
      <path d="M254 60h-58a22 22 0 0 1-22-22v-4" />
      <path d="M104 72l8-10M124 80v-12M144 18l-6 10M126 8v12" stroke="var(--mark)" stroke-width="5" />
    </svg>
  )
}

export function NotFoundPage({ path }: ErrorPageProps) {
  return (
    <div class="container error-page">
      <BrokenPipe />
      <h1>Nothing comes out here</h1>
      <p>There is no page at {path}. It may have been moved, renamed or deleted by its author.</p>
      <a class="btn btn-lg btn-primary" href="/">
        Back to the articles
      </a>
    </div>
  )
}

export function ErrorPage({ status, title, requestId }: ErrorPageProps) {
  return (
    <div class="container error-page">
      <BrokenPipe />
      <h1>{title}</h1>
      <p>
        {status >= 500
          ? `The fault is ours, and it has been noted as ${requestId}. Please try again in a moment.`
          : 'This page isn’t for you, or the request could not be understood.'}
      </p>
      <a class="btn btn-lg btn-primary" href="/">
        Back to the articles
      </a>
    </div>
  )
}
