const client = '/src/api/client.ts'
const errorAnswer = / else if \(status === [45]\d\d\) \{\n(?: {12}.*\n)+ {8}\}/g

/**
 * Removes from the generated client what it does with the answers of errors, which is much of its size: Http.fetch throws before. Without
 * the branches the client would still throw, by its last one.
 */
export function withoutErrorAnswers() {
  return {
    name: 'client-without-error-answers',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith(client)) {
        return null
      }

      const rest = code.replace(errorAnswer, '')
      if (rest === code) {
        this.error('The generated client has another form, so that its answers of errors cannot be removed.')
      }

      return { code: rest, map: null }
    },
  }
}
