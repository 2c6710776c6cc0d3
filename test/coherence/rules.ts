// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of code, as they stand in their files

/**
 * The rules that close the coherence protocol's holes, each with the tests that fail without it and with the very
 * piece of code that was taken out to see that they do. `rules.test.ts` keeps tests and code of the table existing;
 * `the-rules-are-needed.long.test.ts` takes each piece out again, in a copy, and wants to see its test fail.
 */
export interface Guard {
  readonly test: string
  /** Part of the test's title, as it stands in its file and as it is reported. */
  readonly title: string
  readonly without: {
    readonly file: string
    readonly code: string
    /** What stands there instead; nothing by default. */
    readonly instead?: string
  }
}

export type Rule = { readonly name: string } & (
  | { readonly guards: readonly Guard[]; readonly open?: string }
  | { readonly notYet: string }
)

export const rules: readonly Rule[] = [
  {
    name: 'What is told is visible',
    guards: [
      {
        test: 'src/feed/visibility.test.ts',
        title: 'a commit in doubt is in the log, but is told only once it shows',
        without: {
          file: 'src/feed/emission.ts',
          code: `if (item.kind === 'commit' && !(snapshot && sees(snapshot, item.commit.xid))) break`,
        },
      },
    ],
  },
  {
    name: 'No stale fills',
    guards: [
      {
        test: 'src/cache/pageStore.test.ts',
        title: 'a fill that began before a matching commit is not stored',
        without: {
          file: 'src/cache/refusal.ts',
          code: 'const later = feed.since(made)',
          instead: 'const later: ReturnType<FeedView["since"]> = []',
        },
      },
    ],
  },
  {
    name: 'Purged before the position says so',
    guards: [
      {
        test: 'src/feed/follower.test.ts',
        title: 'listeners run before the position includes a transaction',
        without: {
          file: 'src/feed/follower.ts',
          code: 'runAll(this.#transactionListeners, transaction)',
          instead: 'queueMicrotask(() => runAll(this.#transactionListeners, transaction))',
        },
      },
    ],
  },
  {
    name: 'Own writes',
    guards: [
      {
        test: 'src/edge/ownWrites.test.ts',
        title: 'an answer that wrote is held until the feed has seen it',
        without: { file: 'src/edge/ownWrites.ts', code: 'await feed.reached(own, patienceMs)' },
      },
    ],
  },
  {
    name: '1. Starting a slot',
    guards: [
      {
        test: 'src/feed/start.test.ts',
        title: 'rule 1: a commit from before the slot that does not show yet holds the first position back',
        without: {
          file: 'src/feed/slot.ts',
          code: `await reporting('fence', reports, passFence(ordinary, BigInt(fence?.xid ?? '')))`,
        },
      },
      {
        test: 'src/feed/start.test.ts',
        title: 'a terminated walsender means a new epoch: reset, and a new position',
        without: { file: 'src/feed/source.ts', code: 'follower.begin(null, reason)' },
      },
    ],
  },
  {
    name: '2. DDL is silent',
    guards: [
      {
        test: 'src/feed/source.test.ts',
        title: 'announced DDL concerns everything, and only if it commits',
        without: {
          file: 'src/feed/assembler.ts',
          code: 'if (!message.transactional || message.prefix !== ddlPrefix) break',
          instead: 'if (message) break',
        },
      },
      {
        test: 'src/feed/catalog.test.ts',
        title: 'changed without a word is found, once',
        without: { file: 'src/feed/session.ts', code: 'await this.#compareCatalog()' },
      },
      {
        test: 'src/data/feedPreparation.test.ts',
        title: 'changes of the schema are announced in the log',
        without: {
          file: 'src/data/feedPreparation.ts',
          code: `perform pg_catalog.pg_logical_emit_message(true, 'quintet.ddl', tg_tag);`,
        },
      },
    ],
  },
  {
    name: '3. Identity',
    guards: [
      {
        test: 'src/feed/source.test.ts',
        title: 'without a full old row a change concerns the table',
        without: { file: 'src/feed/rows.ts', code: `identity !== 'f' || message.oldIsKey || ` },
      },
      {
        test: 'src/cache/match.test.ts',
        title: 'update',
        without: { file: 'src/cache/match.ts', code: ' || row[column] === undefined' },
      },
      {
        test: 'src/feed/catalog.test.ts',
        title: 'a change in a partition is told for its root and everything between',
        without: { file: 'src/feed/emission.ts', code: 'changes.push({ ...change, table })' },
      },
    ],
  },
  {
    name: '4. Failed reads',
    guards: [
      {
        test: 'src/reads/recordQueries.test.ts',
        title: 'a failed query, even if it was caught',
        without: {
          file: 'src/reads/recorder.ts',
          code: 'if (failure !== undefined) this.veto(`a read failed: ${failure}`)',
        },
      },
      {
        test: 'src/reads/recorder.test.ts',
        title: 'vetoes for a read that failed and for one still pending at the end',
        without: {
          file: 'src/reads/recorder.ts',
          code: 'if (this.#pending > 0) this.veto(`${this.#pending} read(s) were still pending when the response ended`)',
        },
      },
    ],
  },
  {
    name: '5. Reads without an owner',
    guards: [
      {
        test: 'src/reads/recordQueries.test.ts',
        title: 'vetoes every open record for a query without an owner',
        without: {
          file: 'src/reads/recorder.ts',
          code: 'for (const recorder of openRecorders) recorder.veto(reason)',
        },
      },
      {
        test: 'src/app/cached.test.ts',
        title: 'the error names the function, the part and the remedy',
        without: {
          file: 'src/app/sharing.ts',
          code: 'if (within !== undefined) throw errors.APP_PART_IN_CACHED({ within, part })',
        },
      },
    ],
  },
  {
    name: "6. The record's span",
    guards: [
      {
        test: 'src/reads/recorder.test.ts',
        title: 'ignores what comes after the close',
        without: {
          file: 'src/reads/recorder.ts',
          code: 'if (!this.#closed) this.#parts.add(part)',
          instead: 'this.#parts.add(part); this.#closed = undefined',
        },
      },
    ],
    open: 'That the record opens before any hook or parser has no test that takes it out.',
  },
  {
    name: '7. Variants',
    guards: [
      {
        test: 'src/cache/pageStore.test.ts',
        title: 'the only entry of a page is for nobody but those it was made for',
        without: {
          file: 'src/cache/variantTable.ts',
          code: 'return keyIn(known.spec, request) === known.variant ? known : undefined',
          instead: 'return known',
        },
      },
      {
        test: 'src/cache/variant.test.ts',
        title: 'values can not run into each other',
        without: {
          file: 'src/cache/variant.ts',
          code: 'key += `${value.length}:${value}`',
          instead: 'key += value',
        },
      },
    ],
  },
  {
    name: '8. Coalescing',
    guards: [
      {
        test: 'src/cache/coalesce.test.ts',
        title: 'nobody joins a render begun before their own position',
        without: {
          file: 'src/cache/coalesce.ts',
          code: 'if (clientPosition && !covers(flight.position, clientPosition)) return undefined',
        },
      },
      {
        test: 'src/cache/coalesce.test.ts',
        title: 'nobody joins while the feed is not fresh',
        without: { file: 'src/cache/coalesce.ts', code: ' || !feed.fresh()' },
      },
    ],
  },
  {
    name: '9. Joins',
    guards: [
      {
        test: 'src/reads/sql/analysis.test.ts',
        title: 'left join comments',
        without: {
          file: 'src/reads/sql/joinFacts.ts',
          code: "((join.kind === 'left' && join.right.includes(leaf)) ||",
          instead: "(join.kind === 'left' ||",
        },
      },
    ],
  },
  {
    name: '10. Comparing',
    guards: [
      {
        test: 'src/reads/sql/analysis.test.ts',
        title: 'select 1 from loose_texts where word = $1',
        without: {
          file: 'src/reads/sql/canonical.ts',
          code: "return family === 'text' && !column.deterministic ? undefined : family",
          instead: 'return family',
        },
      },
    ],
  },
  {
    name: '11. Time',
    guards: [
      {
        test: 'src/reads/sql/analysis.test.ts',
        title: 'select now()',
        without: {
          file: 'src/reads/sql/functions.ts',
          code: 'export function judgeFunction(name: string, argumentCount: number): FunctionVerdict {',
          instead:
            "export function judgeFunction(name: string, argumentCount: number): FunctionVerdict { if (name === 'now') return 'pure'",
        },
      },
      {
        test: 'src/cache/pageStore.test.ts',
        title: 'an entry ends with its session',
        without: {
          file: 'src/cache/pageStore.ts',
          code: 'if (entry.endsAt !== null && entry.endsAt <= clock.now()) {',
          instead: 'if (entry.endsAt === 0) {',
        },
      },
    ],
  },
  {
    name: '12. Session state',
    guards: [
      {
        test: 'src/reads/recordQueries.test.ts',
        title: 'an altered session',
        without: {
          file: 'src/reads/recordQueries.ts',
          code: "if (event.session.altered) return `the connection's session was altered: ${shorten(event.text)}`",
        },
      },
    ],
  },
  {
    name: '13. Trusted functions',
    guards: [
      {
        test: 'src/reads/recordQueries.test.ts',
        title: 'vetoes a read in a transaction that wrote',
        without: {
          file: 'src/reads/recordQueries.ts',
          code: 'if (event.inTransaction && (recorder.hasWritten || writtenByOthers.has(event.transaction))) {',
          instead: 'if (event.transaction === null) {',
        },
      },
      {
        test: 'src/edge/caching.test.ts',
        title: 'an answer that sets a cookie goes to its initiator alone',
        without: {
          file: 'src/cache/refusal.ts',
          code: "if (headerValues(response.headers, 'set-cookie').length > 0)",
          instead: 'if (response.status === 0)',
        },
      },
    ],
  },
  {
    name: '14. Replicas',
    guards: [
      {
        test: 'src/reads/recordQueries.test.ts',
        title: 'a replica',
        without: {
          file: 'src/reads/recordQueries.ts',
          code: "if (event.target === 'replica')",
          instead: 'if (event.transaction === null)',
        },
      },
    ],
    open: 'No query is sent to a replica yet; until positions are sampled there, a read of one is never stored.',
  },
  {
    name: '15. Heartbeats',
    guards: [
      {
        test: 'src/feed/freshness.test.ts',
        title: 'freshness dates from when the answered ping was sent, not from its answer',
        without: {
          file: 'src/feed/freshness.ts',
          code: 'sent.monotonic >= this.#answered.monotonic) this.#answered = sent',
          instead: 'sent.monotonic >= this.#answered.monotonic) this.#answered = this.sent()',
        },
      },
      {
        test: 'src/edge/caching.test.ts',
        title: 'while the feed is not fresh, nothing is served, stored or joined',
        without: {
          file: 'src/edge/handler.ts',
          code: "const mayServe = (): boolean => feed.fresh() || options.onFeedLoss === 'serve'",
          instead: 'const mayServe = (): boolean => true',
        },
      },
      {
        test: 'src/feed/client.test.ts',
        title: 'a cut connection resumes without a gap and without a reset',
        without: {
          file: 'src/feed/client.ts',
          code: 'if (frame.resumed) pinger.open()',
          instead: 'if (!frame) pinger.open()',
        },
      },
    ],
  },
  {
    name: '16. Shared stores',
    notYet: 'There is no store outside of a process yet: Redis and Memcached come with the real band.',
  },
  {
    name: '17. Live pages',
    notYet: 'There are no live pages yet: nothing subscribes to a page.',
  },
]
