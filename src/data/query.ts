/** What the layers above may learn of a query. The data room knows nothing of them: they register a {@link QueryListener}. */
export interface QueryEvent {
  readonly text: string
  readonly values: readonly unknown[]
  /** True between BEGIN and the end of the transaction on this connection. */
  readonly inTransaction: boolean
  /**
   * Which transaction it is: the same for all statements from a BEGIN to the end, and one of its own for each
   * statement outside. Only its identity counts, so that what is known of it can be kept in weak collections.
   */
  readonly transaction: TransactionIdentity
  /** Which pool the query goes to. */
  readonly target: 'primary' | 'replica'
  /** What makes the meaning of the text depend on its connection; analyses are keyed by it. */
  readonly session: SessionState
  /**
   * Asks, before the query is sent, for the result's rows with its outcome: as the server sent them, and only if
   * there are no more than `most`.
   */
  readonly keepRows?: (most: number) => void
}

/** Stands for one transaction on one connection; see {@link QueryEvent.transaction}. */
export type TransactionIdentity = Readonly<Record<never, never>>

/** Session state that changes what a text means. `altered`: SET, set_config, a temporary table …: nothing read here may be cached. */
export interface SessionState {
  readonly searchPath: string
  readonly role: string
  readonly database: string
  readonly altered: boolean
}

/** How a query ended. `fields` name the table (OID) and attribute behind each plain result column. */
export type QueryOutcome =
  | {
      readonly ok: true
      readonly command: string
      readonly rowCount: number
      readonly fields: readonly { name: string; tableID: number; columnID: number; dataTypeID: number }[]
      /** In PostgreSQL's text form; only if they were asked for and are few enough. */
      readonly rows?: readonly (readonly (string | null)[])[] | undefined
    }
  | { readonly ok: false; readonly error: unknown }

/**
 * Called synchronously, in the caller's async context, just before a query is sent; the function it returns is
 * called once with the outcome, in the same context, before the caller's `await` resumes.
 */
export type QueryListener = (event: QueryEvent) => ((outcome: QueryOutcome) => void) | undefined
