import { connect, createServer } from 'node:net'

/** A network between a browser and Wombat that can be cut; what a browser emulates leaves out its shared workers. */
export class Line {
  sockets = new Set()
  isCut = false

  static async to(wombat) {
    const line = new Line()
    line.server = createServer(socket => line.join(socket, wombat.port))
    await new Promise(done => line.server.listen(0, '127.0.0.1', done))
    line.url = `http://127.0.0.1:${line.server.address().port}`
    return line
  }

  join(socket, port) {
    if (this.isCut) {
      socket.destroy()
      return
    }

    const onward = connect(port, '127.0.0.1')
    for (const [from, to] of [[socket, onward], [onward, socket]]) {
      this.sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => (this.sockets.delete(from), to.destroy()))
      from.pipe(to)
    }
  }

  cut() {
    this.isCut = true
    this.sockets.forEach(socket => socket.destroy())
  }

  mend() {
    this.isCut = false
  }

  close() {
    this.cut()
    this.server.close()
  }
}
