export type { Change, Row, Transaction } from './change.ts'
export { createFeedSource, type FeedSource, type FeedSourceOptions } from './source.ts'
export type { FeedView } from './view.ts'
