/** Long enough for a browser that asks where to save. */
const lifetime = 60_000

/** Saves what an address answers. */
export function saveAddress(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}

export function saveBlob(data: Blob, name: string): void {
  const url = URL.createObjectURL(data)
  saveAddress(url, name)
  setTimeout(() => URL.revokeObjectURL(url), lifetime)
}

/** A name with today's date. */
export function datedName(name: string, extension: string): string {
  return `${name}-${new Date().toISOString().slice(0, 10)}.${extension}`
}
