import { defineErrors } from '../core/index.ts'

export const errors = defineErrors({
  CACHE_COMPUTATION_CIRCLE: {
    message: (f: { name: string; within: string }) =>
      `"${f.within}" waits for "${f.name}", which waits for "${f.within}" itself.`,
    remedy: 'Let one of the cached functions do without the other.',
  },
  CACHE_VALUE_UNSTORABLE: {
    message: (f: { owner: string; what: string; where: string }) =>
      `The value of ${f.owner} can't be kept: ${f.where} is ${f.what}.`,
    remedy:
      'Keep plain data: primitives, lists, plain objects, Date, Map, Set, RegExp and bytes. Everybody gets a copy of it.',
  },
  CACHE_ARGUMENT_UNUSABLE: {
    message: (f: { owner: string; what: string; where: string }) =>
      `The arguments of ${f.owner} can't be a key: ${f.where} is ${f.what}.`,
    remedy: 'Pass primitives, Dates, lists and plain objects of these.',
  },
  CACHE_NOT_A_COUNTER: {
    message: (f: { key: string }) => `"${f.key}" in the object cache holds no whole number to increment.`,
    remedy: 'Use a key that only increment() writes to.',
  },
})
