import type { Relation } from '../catalog.ts'
import type { Findings } from './findings.ts'

/** The table or view that a name in FROM means, if what it holds can be followed; else the reason is found. */
export function readableTable(
  schema: string | undefined,
  name: string,
  findings: Findings,
): Relation | undefined {
  if (
    schema === 'pg_catalog' ||
    schema === 'information_schema' ||
    (schema === undefined && /^pg_/.test(name))
  ) {
    findings.refuse(`${name} is a system catalog`)
    return undefined
  }
  const relation = findings.resolve(schema, name)
  if (!relation) {
    findings.refuse(`no table named ${schema ? `${schema}.` : ''}${name} is known`, true)
    return undefined
  }
  if (relation.rowSecurity) {
    findings.refuse(`${relation.table} has row-level security`, true)
    return undefined
  }
  if (relation.kind === 'v') return relation
  for (const member of [relation, ...relation.ancestors, ...relation.descendants]) {
    const reason = unfollowed(member)
    if (reason) {
      findings.refuse(`${member.table} ${reason}`)
      return undefined
    }
  }
  return relation
}

/** Why changes to the relation can't be followed. */
function unfollowed(relation: Relation): string | undefined {
  switch (relation.kind) {
    case 'm':
      return 'is a materialized view'
    case 'f':
      return 'is a foreign table'
    case 'S':
      return 'is a sequence'
  }
  if (relation.persistence === 'u') return 'is unlogged: its changes are in no log'
  if (relation.persistence === 't') return 'is temporary'
  // The root of partitions holds no rows: whether its changes are published under its name is the publication's choice.
  if (!relation.published && !(relation.kind === 'p' && relation.descendants.length > 0)) {
    return 'is not in the publication, so its changes are not heard of'
  }
  return undefined
}
