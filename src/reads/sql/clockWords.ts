const clockWord = /(?<![a-z])(?:now|today|tomorrow|yesterday)(?![a-z])/i

/** True if PostgreSQL, taking the text for a date or time, may read the clock. */
export function mentionsClock(text: string): boolean {
  return text.length <= 200 && clockWord.test(text)
}
