/** The colours of what the framework itself shows: error pages, and pages of an app without a layout. */
export const palette = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #e0e1e6; --paper: #fcfcfd; --mark: #3e63dd }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #2e3135; --paper: #111113; --mark: #9eb1ff } }
* { box-sizing: border-box }`
