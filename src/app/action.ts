import type { z } from 'zod'
import type { ActingContext } from './context.ts'
import type { HttpError, Redirect } from './outcome.ts'

/** A form's receiver on a page; made by {@link action}. */
export interface Action<Params = Readonly<Record<string, string>>, Result = unknown> {
  readonly schema: z.ZodType
  readonly run: (context: ActingContext<Params>, input: unknown) => Promise<Result>
}

/** The context of an action: the request's, and the validated input. */
export type ActionContext<Params, Input> = ActingContext<Params> & { readonly input: Input }

/**
 * Receives a form: `<form method="post" action="?action=comment">`. The form's fields are checked by the schema; on
 * failure the page is shown again (status 422) with `errors` and the `values` that were typed. Repeated fields become
 * an array where the schema wants one. Return a {@link redirect}, {@link invalid} errors, or data for the view's `result`.
 */
export function action<Schema extends z.ZodType, Result, Params = Readonly<Record<string, string>>>(
  schema: Schema,
  handler: (context: ActionContext<Params, z.output<Schema>>) => Promise<Result> | Result,
): Action<Params, Exclude<Awaited<Result>, Redirect | HttpError>> {
  return {
    schema,
    run: async (context, input) =>
      (await handler({ ...context, input: input as z.output<Schema> })) as Exclude<
        Awaited<Result>,
        Redirect | HttpError
      >,
  }
}
