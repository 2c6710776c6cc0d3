import type pg from 'pg'

/** What of a result a listener asked to see, in the text that the server sends. */
export class KeptRows {
  #most = 0
  #rows: (readonly (string | null)[])[] = []
  #over = false

  /** Keeps up to so many rows; of several that ask, the one that asks for most counts. */
  ask(most: number): void {
    this.#most = Math.max(this.#most, most)
  }

  /** Begins to listen on the connection, if anybody asked; returns the function that ends it. */
  listen(connection: NodeJS.EventEmitter): () => void {
    if (this.#most === 0) return () => {}
    const keep = (row: { readonly fields: readonly (string | null)[] }): void => {
      if (this.#rows.length < this.#most) this.#rows.push(row.fields)
      else this.#over = true
    }
    connection.on('dataRow', keep)
    return () => connection.off('dataRow', keep)
  }

  /** A statement is sent again: what it gave the first time doesn't count. */
  restart(): void {
    this.#rows = []
    this.#over = false
  }

  /** Undefined if nobody asked, there were too many, or they came in binary form. */
  of(fields: readonly pg.FieldDef[]): readonly (readonly (string | null)[])[] | undefined {
    if (this.#most === 0 || this.#over || fields.some(({ format }) => format !== 'text')) return undefined
    return this.#rows
  }
}
