export type Type =
  | 'int'
  | 'bigint'
  | 'text'
  | 'varchar(90)'
  | 'bool'
  | 'uuid'
  | 'mood'
  | 'numeric'
  | 'char(2)'
  | 'date'
  | 'timestamptz'
  | 'jsonb'
  | 'int[]'
  | 'text collate loose'
  | 'text collate "C"'

/** Types by what compares with each other in the queries that are built. */
export type Kind =
  | 'int'
  | 'text'
  | 'bool'
  | 'uuid'
  | 'mood'
  | 'numeric'
  | 'char'
  | 'date'
  | 'instant'
  | 'json'
  | 'ints'
  | 'loose'

export const kindOf: Record<Type, Kind> = {
  int: 'int',
  bigint: 'int',
  text: 'text',
  'varchar(90)': 'text',
  bool: 'bool',
  uuid: 'uuid',
  mood: 'mood',
  numeric: 'numeric',
  'char(2)': 'char',
  date: 'date',
  timestamptz: 'instant',
  jsonb: 'json',
  'int[]': 'ints',
  'text collate loose': 'loose',
  'text collate "C"': 'text',
}

export const types = Object.keys(kindOf) as Type[]

/**
 * Kinds whose equal values are written alike. Of others (`1.0` and `1`, `a` and `A` under the loose collation)
 * DISTINCT, GROUP BY and set operations may show either, and LIMIT may cut between them: PostgreSQL's own choice.
 */
export function isCrisp(kind: Kind): boolean {
  return kind !== 'numeric' && kind !== 'loose'
}

type Value = string | number | boolean | readonly number[]

const long = 'x'.repeat(80)

/** A handful of values each, so that conditions are often met. */
export const valuesOf: Record<Kind, readonly [Value, ...Value[]]> = {
  int: [1, 2, 3, 0],
  text: ['a', 'b', 'A', '#a', '', long, 'today', '😀', 'ﬁ'],
  bool: [true, false],
  uuid: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a22'],
  mood: ['good', 'bad'],
  numeric: ['1', '2.50', '2', '2.0'],
  char: ['a', 'b '],
  date: ['2024-01-01', '2024-02-29', '1999-12-31', 'infinity', '0044-03-15 BC'],
  instant: ['2024-01-01 00:00:00+00', '2024-01-01 00:00:00.000001+00', '2024-02-29 12:00:00+02', '-infinity'],
  json: ['{"a": 1}', '{"a": 2, "b": "x"}', '[1, 2]', '"x"'],
  ints: [[1, 2], [], [3]],
  loose: ['a', 'A', 'b', ''],
}

export function literal(value: Value): string {
  if (typeof value === 'string') return `'${value}'`
  return Array.isArray(value) ? `'{${value.join(', ')}}'` : String(value)
}
