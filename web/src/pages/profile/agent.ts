const browsers: [RegExp, string][] = [
  [/Edg\/(\d+)/, 'Edge'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/(?:Headless)?Chrom(?:e|ium)\/(\d+)/, 'Chromium'],
  [/Version\/(\d+).*Safari/, 'Safari'],
  [/^curl\/(\d+)/, 'curl'],
]
const systems: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** Browser and system of a User-Agent, or its beginning. */
export function describeAgent(agent: string | null): string {
  const text = agent ?? ''
  const browser = browsers.map(([pattern, name]) => ({ name, match: pattern.exec(text) })).find(({ match }) => match)
  const system = systems.find(([pattern]) => pattern.test(text))?.[1]
  if (!browser) {
    return text.slice(0, 60)
  }

  const named = `${browser.name} ${browser.match![1]}`
  return system ? `${named}, ${system}` : named
}
