/**
 * A list of numbers that a random program is built from. Past its end every choice is 0, the simplest, so that
 * shrinking the list shrinks what is built.
 */
export class Choices {
  readonly #numbers: readonly number[]
  #next = 0

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers
  }

  /** A number from 0 to `count - 1`. */
  below(count: number): number {
    return (this.#numbers[this.#next++] ?? 0) % count
  }

  /** True about `percent` times in a hundred; false once the list has ended. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('Nothing to choose from.')
    return item
  }

  times<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index))
  }
}
