import type { CatalogState, Relation } from '../catalog.ts'
import { type Family, isFamilyType } from './canonical.ts'
import type { Template } from './template.ts'

/** How a parameter is used in a text: which families it is compared with, and whether anywhere else as well. */
interface ParameterUse {
  readonly families: Set<Family>
  elsewhere: boolean
}

/** What the analysis of one text knows beforehand, and what it has found so far. */
export class Findings {
  readonly catalog: CatalogState
  readonly resolve: (schema: string | undefined, name: string) => Relation | undefined
  readonly templates: Template[] = []
  /** Make the templates, once every level has marked what it reads. */
  readonly emissions: (() => void)[] = []
  /** SELECTs taken apart so far, those of views and each copy of a CTE included. */
  levels = 0
  /** How many FROM items of the text read each table. */
  readonly readings = new Map<string, number>()
  readonly reasons = new Set<string>()
  /** Why the result is another at another moment, though nothing has changed. */
  readonly momentary = new Set<string>()
  readonly notes = new Set<string>()
  /** Something was met that may write to the database. */
  mayWrite = false
  readonly parameters = new Map<number, ParameterUse>()
  /** False if an `=` of the user's own could be meant where PostgreSQL's is expected: nothing is narrowed then. */
  readonly equalityIsBuiltIn: boolean

  constructor(
    catalog: CatalogState,
    resolve: (schema: string | undefined, name: string) => Relation | undefined,
  ) {
    this.catalog = catalog
    this.resolve = resolve
    this.equalityIsBuiltIn = this.isBuiltIn('=')
    if (!this.equalityIsBuiltIn) this.note('the database has an operator = of its own: nothing is narrowed')
    if (catalog.hasImplicitCasts) this.refuse('the database has implicit casts of its own', true)
  }

  /** False if the operator, written between values of the families, could be one of the user's own. */
  isBuiltIn(operator: string): boolean {
    return !this.catalog.operators.some(
      ({ name, left, right }) =>
        name === operator && (isFamilyType(left, this.catalog) || isFamilyType(right, this.catalog)),
    )
  }

  /** Not cacheable, for this reason. */
  refuse(reason: string, mayWrite = false): void {
    this.reasons.add(reason)
    if (mayWrite) this.mayWrite = true
  }

  /** Not cacheable for this reason, unless the response may be some time old. */
  refuseUnlessAged(reason: string): void {
    this.momentary.add(reason)
  }

  /** Why something is not narrower. */
  note(note: string): void {
    this.notes.add(note)
  }

  useParameter(number: number, family: Family | undefined): void {
    const use = this.parameters.get(number) ?? { families: new Set(), elsewhere: false }
    this.parameters.set(number, use)
    if (family === undefined) use.elsewhere = true
    else use.families.add(family)
  }
}
