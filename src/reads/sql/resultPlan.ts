import type { Node, SelectStmt } from 'libpg-query'
import type { ForeignKey, Relation } from '../catalog.ts'
import { familyOf } from './canonical.ts'
import { EqualColumns } from './equalColumns.ts'
import type { Fact } from './facts.ts'
import type { Findings } from './findings.ts'
import { fillsWithNulls } from './joinFacts.ts'
import type { Join, Level } from './level.ts'
import { as } from './node.ts'
import type { KeyColumn } from './operands.ts'
import { showsRows } from './resultShape.ts'
import type { Leaf, View } from './scope.ts'
import type { ResultKey, ResultStep, Template } from './template.ts'
import { countSource, orderColumnsOf, outputMeant } from './topK.ts'

/** What is walked of a SELECT, so that it is known which columns are read for what. */
export type Phase = Join | 'from' | 'where' | 'order' | 'outputs'

type TableLeaf = Leaf & { readonly relation: Relation }
type Read = Set<string> | null

/**
 * How the rows of a statement's result narrow what it depends on further (DESIGN §3, rule 9). Made for the outermost
 * SELECT, and fed with what each of its phases reads.
 *
 * The argument, for tables whose rows appear in every row of the result (`always`): the result is monotone in them.
 * A row can only leave it if it was in it, so that its key was; it can only come into it by being inserted, or by an
 * update of a column that decides (ON, WHERE, ORDER BY), and then it meets the table's own conditions. For the
 * nullable side of a LEFT JOIN (`optional`) this holds as long as nothing else looks at its columns: then a row without a
 * partner is not kept out by having one.
 */
export class ResultPlan {
  readonly #select: SelectStmt
  readonly #level: Level
  readonly #view: View
  readonly #reads = new Map<Leaf, Map<Phase, Read>>()
  /** Tables whose rows a foreign key keeps from entering, and those that vouch for them: never the same. */
  readonly #closed = new Set<Leaf>()
  readonly #anchors = new Set<Leaf>()
  /** ORDER BY refers to an output that can't be told: any column may decide. */
  #unclear = false

  constructor(level: Level) {
    this.#level = level
    this.#select = level.select
    this.#view = { leaves: level.from.leaves, outer: undefined }
    // What opening the level has marked: USING.
    for (const leaf of level.from.leaves) this.#reads.set(leaf, new Map([['from', leaf.read]]))
  }

  /** Undefined if the rows of the result tell nothing. */
  static of(level: Level, findings: Findings): ResultPlan | undefined {
    return showsRows(level.select, findings) ? new ResultPlan(level) : undefined
  }

  /** Runs one phase of the walk, and notes which columns it reads. */
  during(phase: Phase, walk: () => void): void {
    const before = this.#level.from.leaves.map(leaf => [leaf, leaf.read] as const)
    for (const [leaf] of before) leaf.read = new Set()
    walk()
    for (const [leaf, read] of before) {
      const phases = this.#reads.get(leaf)
      phases?.set(phase, unite(phases.get(phase) ?? new Set(), leaf.read))
      leaf.read = unite(read, leaf.read)
    }
  }

  /** The outputs that ORDER BY refers to by number or name. */
  sortedOutputs(): Node[] {
    return (this.#select.sortClause ?? []).flatMap(sort => {
      const meant = outputMeant(as('SortBy', sort)?.node, this.#select)
      if (meant !== 'unclear') return meant ?? []
      this.#unclear = true
      return []
    })
  }

  /** The templates of the leaf, with the step that the result's rows allow. */
  extend(
    leaf: TableLeaf,
    templates: readonly Template[],
    facts: readonly Fact[],
    findings: Findings,
  ): Template[] {
    const result = this.#stepOf(leaf, facts, findings)
    return templates.map(template => (result ? { ...template, result } : template))
  }

  #stepOf(leaf: TableLeaf, facts: readonly Fact[], findings: Findings): ResultStep | undefined {
    const { relation } = leaf
    if (!this.#isPlain(leaf, findings)) return undefined
    const place = this.#placeOf(leaf)
    if (place === 'elsewhere') return undefined
    const select = this.#select
    const limit = countSource(select.limitCount, findings)
    const offset = countSource(select.limitOffset, findings)
    const order =
      place === 'always' && limit !== 'none' ? orderColumnsOf(select, leaf, this.#view, findings) : []
    const joined = this.#level.from.leaves.length > 1
    if (!joined && order.length === 0) return undefined
    const deciding = this.#read(leaf, phase => phase !== 'outputs')
    const classes = EqualColumns.of(facts)
    const closed = this.#isClosed(leaf, deciding, classes, findings)
    const keys = joined || select.limitOffset ? this.#keysOf(leaf, classes, findings) : []
    if (!joined && keys.length === 0 && order.length === 0) return undefined
    return {
      deciding: deciding && [...deciding].sort(),
      shown: leaf.read && [...leaf.read].sort(),
      keys,
      unique: relation.uniques.flatMap(([column, second]) =>
        column !== undefined && !second ? [column] : [],
      ),
      closed,
      joined,
      order,
      limit,
      offset,
    }
  }

  /** A table of its own with full old rows, which no other part of the text reads: its columns in the result are its own. */
  #isPlain(leaf: Leaf, findings: Findings): leaf is TableLeaf {
    const { relation } = leaf
    if (relation?.kind !== 'r' || relation.identity !== 'f') return false
    if (relation.ancestors.length > 0 || relation.descendants.length > 0) return false
    if (findings.readings.get(relation.table) === 1) return true
    findings.note(`${relation.table} is read more than once: its rows in the result can't be told apart`)
    return false
  }

  #placeOf(leaf: Leaf): 'always' | 'optional' | 'elsewhere' {
    const [join, second] = this.#level.from.joins.filter(one => fillsWithNulls(one, leaf))
    if (!join) return 'always'
    if (second || join.kind === 'full') return 'elsewhere'
    const side = join.kind === 'left' ? join.right : join.left
    if (side.length !== 1) return 'elsewhere'
    const sorts = this.#select.limitCount !== undefined || this.#select.limitOffset !== undefined
    const seen = this.#read(leaf, one => one !== 'outputs' && one !== join && (sorts || one !== 'order'))
    return seen !== null && seen.size === 0 ? 'optional' : 'elsewhere'
  }

  #read(leaf: Leaf, counts: (phase: Phase) => boolean): Read {
    let read: Read = this.#unclear ? null : new Set()
    for (const [phase, columns] of this.#reads.get(leaf) ?? []) if (counts(phase)) read = unite(read, columns)
    return read
  }

  /**
   * True if a foreign key excludes that a row comes into the result without the referring row's doing: then the
   * referring row had a partner before, which was in the result, as nothing but the key decides about that.
   */
  #isClosed(leaf: TableLeaf, deciding: Read, classes: EqualColumns, findings: Findings): boolean {
    if (deciding === null || this.#anchors.has(leaf)) return false
    for (const anchor of this.#level.from.leaves) {
      if (anchor === leaf || this.#closed.has(anchor) || !this.#isAnchor(anchor, findings)) continue
      for (const key of anchor.relation?.foreignKeys ?? []) {
        if (key.references !== leaf.relation.oid || !this.#follows(key, anchor, leaf, classes, findings))
          continue
        if (![...deciding].every(column => key.referenced.includes(column))) continue
        this.#closed.add(leaf)
        this.#anchors.add(anchor)
        return true
      }
    }
    return false
  }

  #isAnchor(leaf: Leaf, findings: Findings): boolean {
    return (
      leaf.relation?.kind === 'r' &&
      leaf.relation.descendants.length === 0 &&
      findings.readings.get(leaf.relation.table) === 1 &&
      this.#placeOf(leaf) === 'always'
    )
  }

  /** True if the join compares exactly the columns of the foreign key, none of which may be NULL. */
  #follows(key: ForeignKey, anchor: Leaf, leaf: Leaf, classes: EqualColumns, findings: Findings): boolean {
    return key.columns.every((name, index) => {
      const column = anchor.relation?.columns.get(name)
      const referenced = leaf.relation?.columns.get(key.referenced[index] ?? '')
      if (!column?.notNull || !referenced) return false
      const family = familyOf(column, findings.catalog)
      return (
        family !== undefined &&
        [...classes.membersOf({ leaf: anchor, column, family })].some(
          member => member.leaf === leaf && member.column.name === referenced.name,
        )
      )
    })
  }

  /** The columns by which the table's rows in the result can be known, the table's own keys first. */
  #keysOf(leaf: TableLeaf, classes: EqualColumns, findings: Findings): ResultKey[] {
    const keys: (ResultKey & { readonly rank: number })[] = []
    for (const column of leaf.relation.columns.values()) {
      const family = familyOf(column, findings.catalog)
      if (!family || family === 'bool' || family.startsWith('enum:')) continue
      const own: KeyColumn = { leaf, column, family }
      const unique = leaf.relation.uniques.some(([name, second]) => name === column.name && !second)
      const equated = classes.membersOf(own).size > 1
      for (const member of new Set([own, ...classes.membersOf(own)])) {
        const { relation } = member.leaf
        if (!relation || !this.#level.from.leaves.includes(member.leaf)) continue
        if (findings.readings.get(relation.table) !== 1) continue
        const rank = (unique ? 0 : 4) + (equated ? 0 : 2) + (member.leaf === leaf ? 0 : 1)
        const at = { table: relation.oid, number: member.column.number }
        // A column that equals another is not NULL: the equality would not hold.
        keys.push({ column: column.name, at, present: column.notNull || equated, rank })
      }
    }
    return keys.toSorted((a, b) => a.rank - b.rank).map(({ rank: _, ...key }) => key)
  }
}

function unite(a: Read, b: Read): Read {
  return a === null || b === null ? null : new Set([...a, ...b])
}
