import { keyText } from '../../data/index.ts'
import type { Dependency } from '../dependency.ts'
import type { Residual } from '../residual.ts'
import { canonical } from './canonical.ts'
import { mentionsClock } from './clockWords.ts'
import { bindResidual } from './residual.ts'
import { narrowByResult } from './resultKeys.ts'
import type { Analysis, Condition, ResultRows, Source, Template } from './template.ts'

/** Values one condition may list, and rows of values all conditions of a dependency may stand for. */
const mostValues = 128
const mostKeys = 512

/**
 * The dependencies of one call. A condition whose values have no canonical form (DESIGN §3, rule 10), are NULL
 * or too many is left out: coarser, never wrong. The result's rows, once they are known, narrow them further. `notes`, if given, is told of each.
 */
export function bind(
  analysis: Analysis,
  values: readonly unknown[],
  notes?: string[],
  result?: ResultRows,
): Dependency[] {
  return analysis.templates.flatMap(template => {
    const whole = bindTemplate(template, values, notes)
    return template.result && result ? narrowByResult(whole, template.result, result, values, notes) : [whole]
  })
}

/** The parameter whose value PostgreSQL may take for the clock's time (`'today'`), or undefined. */
export function clockParameter(analysis: Analysis, values: readonly unknown[]): number | undefined {
  return analysis.clockParameters.find(number => isClock(values[number - 1]))
}

function isClock(value: unknown): boolean {
  if (typeof value === 'string') return mentionsClock(value)
  return Array.isArray(value) && value.some(isClock)
}

const everyRow: Dependency['equals'] = Object.freeze({})

function bindTemplate(template: Template, values: readonly unknown[], notes?: string[]): Dependency {
  const residuals = bindResiduals(template, values, notes)
  if (template.conditions.length === 0) {
    return { table: template.table, equals: everyRow, ...residuals, columns: template.columns }
  }
  const equals: Record<string, readonly string[]> = {}
  let keys = 1
  for (const condition of template.conditions) {
    const list = bindCondition(condition, values)
    if (list && keys * list.length <= mostKeys) {
      keys *= list.length
      equals[condition.column] = list
    } else {
      notes?.push(
        list
          ? `${template.table}.${condition.column} is compared with too many values to follow them`
          : `the values given for ${template.table}.${condition.column} are NULL, too many or have no exact form`,
      )
    }
  }
  return { table: template.table, equals, ...residuals, columns: template.columns }
}

function bindResiduals(
  template: Template,
  values: readonly unknown[],
  notes?: string[],
): Pick<Dependency, 'residuals'> {
  const residuals: Residual[] = []
  for (const condition of template.residuals) {
    const bound = bindResidual(condition, values)
    if (bound) residuals.push(bound)
    else
      notes?.push(`the value that ${template.table}.${condition.column} is compared with has no exact form`)
  }
  return residuals.length > 0 ? { residuals } : {}
}

/** The first choice that has a canonical form. */
function bindCondition(condition: Condition, values: readonly unknown[]): string[] | undefined {
  for (const choice of condition.choices) {
    const list = bindChoice(choice, condition, values)
    if (list) return list
  }
  return undefined
}

function bindChoice(
  choice: readonly Source[],
  { family }: Condition,
  values: readonly unknown[],
): string[] | undefined {
  const list: string[] = []
  const take = (value: unknown): boolean => {
    if (value === null || value === undefined) return true // `= NULL` holds for no row
    const text = canonical(value, family)
    if (text === undefined || list.length >= mostValues) return false
    const key = keyText(text)
    if (!list.includes(key)) list.push(key)
    return true
  }
  for (const source of choice) {
    if (source.kind === 'constant') {
      if (!take(source.value)) return undefined
      continue
    }
    const value = values[source.number - 1]
    if (source.kind === 'array' && value !== null && value !== undefined) {
      if (!Array.isArray(value)) return undefined
      // ANY goes through the elements of nested arrays as well.
      if (!value.flat(Number.POSITIVE_INFINITY).every(take)) return undefined
    } else if (!take(value)) return undefined
  }
  return list.length > 0 ? list : undefined
}
