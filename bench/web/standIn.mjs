import { createServer, request } from 'node:http'

/**
 * A server before Wombat that answers some paths itself, such as lists and logs of sizes that would take long to make. answers: functions
 * by path that get the parameters, the request and the response.
 */
export async function standIn(wombat, answers) {
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url, wombat.url)
    const answer = incoming.method === 'GET' && answers[url.pathname]
    if (answer) {
      answer(url.searchParams, incoming, response)
      return
    }

    const options = { host: '127.0.0.1', port: wombat.port, path: incoming.url, method: incoming.method, headers: incoming.headers }
    const onward = request(options, answered => {
      response.writeHead(answered.statusCode, answered.headers)
      answered.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.closeAllConnections(), server.close()) }
}

export function json(response, body) {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}
