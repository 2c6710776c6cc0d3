import type { ComponentChildren } from 'preact'
import type { RequestContext } from './context.ts'
import type { Redirect } from './outcome.ts'

/** What a page says about itself for the document's head. */
export interface Head {
  title?: string
  description?: string
  /** The address search engines should prefer. */
  canonical?: string
  /** `noindex` and the like. */
  robots?: string
  /** Open Graph and other `<meta property content>` pairs. */
  meta?: Readonly<Record<string, string>>
}

export interface LayoutProps {
  readonly children: ComponentChildren
  readonly head: Head
  readonly path: string
}

/** The document around a page; made by {@link defineLayout}. */
export interface Layout {
  readonly load: (context: RequestContext) => Promise<unknown>
  readonly view: (props: LayoutProps & Record<string, unknown>) => ComponentChildren
}

/**
 * The document around pages: `view` returns the whole `<html>` element (the doctype is added). `load` runs after the
 * page's own, and what it returns is spread into the view's props.
 */
export function defineLayout<Loaded extends object | Redirect = Record<never, never>>(layout: {
  load?: (context: RequestContext) => Promise<Loaded> | Loaded
  view: (props: LayoutProps & Exclude<Loaded, Redirect>) => ComponentChildren
}): Layout {
  return {
    load: async context => (await layout.load?.(context)) ?? {},
    view: layout.view as Layout['view'],
  }
}
