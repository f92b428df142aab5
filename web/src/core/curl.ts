/** A request as a curl command for a shell, with the token in WOMBAT_TOKEN. */
export function curlCommand(origin: string, method: string, path: string, body?: object): string {
  const lines = [`curl -X ${method} ${quote(origin + path)}`, `-H "Authorization: Bearer $WOMBAT_TOKEN"`]
  if (body) {
    lines.push(`-H 'Content-Type: application/json'`, `-d ${quote(JSON.stringify(body))}`)
  }

  return lines.join(' \\\n  ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
