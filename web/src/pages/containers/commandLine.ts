/** Divides a command line into its words as a shell does with quotes and backslashes, expanding nothing. Null where a quote is not closed. */
export function wordsOf(line: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!
    if (quote) {
      if (char === quote) {
        quote = ''
      } else if (char === '\\' && quote === '"' && '"\\$`'.includes(line[i + 1] ?? '')) {
        word += line[++i] ?? ''
      } else {
        word += char
      }
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\' && i + 1 < line.length) {
      word = (word ?? '') + line[++i]
    } else if (/\s/.test(char)) {
      if (word !== null) {
        words.push(word)
        word = null
      }
    } else {
      word = (word ?? '') + char
    }
  }

  if (quote) {
    return null
  }

  return word === null ? words : [...words, word]
}
