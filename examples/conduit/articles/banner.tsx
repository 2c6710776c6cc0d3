/** What a visitor sees first. */
export function Banner() {
  return (
    <div class="banner">
      <Pipes />
      <div class="container">
        <h1 class="logo-font">conduit</h1>
        <p>A place to share what you know, and to find out what others do.</p>
      </div>
    </div>
  )
}

/** The conduits, running off to the right. */
export function Pipes() {
  return (
    <svg
      class="banner-pipes"
      viewBox="0 0 540 260"
      preserveAspectRatio="xMaxYMid slice"
      fill="none"
      stroke="currentColor"
      stroke-width="14"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M60 300v-120a40 40 0 0 1 40-40h80a40 40 0 0 0 40-40v-120" opacity=".55" />
      <path d="M140 300v-60a40 40 0 0 1 40-40h140a40 40 0 0 0 40-40v-30a40 40 0 0 1 40-40h180" />
      <path d="M300 300v-10a40 40 0 0 1 40-40h60a40 40 0 0 0 40-40v-10a40 40 0 0 1 40-40h100" opacity=".7" />
      <path d="M300-20v40a40 40 0 0 0 40 40h20" opacity=".45" />
      <g fill="var(--banner)" stroke="var(--mark)" stroke-width="6">
        <circle cx="220" cy="84" r="11" />
        <circle cx="470" cy="90" r="11" />
        <circle cx="440" cy="212" r="11" />
      </g>
    </svg>
  )
}
