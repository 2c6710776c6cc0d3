import {
  type DedicatedConnection,
  openDedicated,
  openReplication,
  type ReplicationConnection,
} from '../data/index.ts'
import { errors } from './errors.ts'
import { checkPublication, checkServer, explainRefusal } from './preflight.ts'

/** The three connections of one session, all to the same primary. */
export interface Connections {
  readonly replication: ReplicationConnection
  /** The server process behind it. */
  readonly walsender: number
  /** For snapshots and positions, which must not queue behind anything slow. */
  readonly ordinary: DedicatedConnection
  /** For everything else: the catalog, and reports of who is in the way. */
  readonly catalog: DedicatedConnection
}

/** Connects, and checks the server and the publication. Throws DATA_UNREACHABLE or one of `errors.ts`; nothing stays open then. */
export async function openConnections(options: {
  url: string
  publication: string
  applicationName: string
}): Promise<Connections> {
  const { url, publication, applicationName } = options
  const opened: { close(): Promise<void> }[] = []
  try {
    const ordinary = await openDedicated(url, { applicationName: 'quintet-feed-visibility' })
    opened.push(ordinary)
    const system = await checkServer(ordinary)
    await checkPublication(ordinary, publication)
    const catalog = await openDedicated(url, { applicationName: 'quintet-feed-catalog' })
    opened.push(catalog)
    const replication = await openReplication(url, { applicationName }).catch((error: unknown) => {
      throw explainRefusal(error, roleOf(url))
    })
    opened.push(replication)
    const [identity] = await replication.query('IDENTIFY_SYSTEM')
    if (system !== null && identity?.systemid !== system)
      throw errors.FEED_OTHER_SERVER({ database: identity?.dbname ?? '' })
    const [process] = await replication.query('select pg_backend_pid() as pid')
    return { replication, walsender: Number(process?.pid), ordinary, catalog }
  } catch (error) {
    await Promise.all(opened.map(connection => connection.close().catch(() => {})))
    throw error
  }
}

export function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username)
}
