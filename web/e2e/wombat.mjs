import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const server = join(root, 'Wombat.Api/bin/Release/net10.0/Wombat.Api.dll')
const startTimeout = 120_000
const stopTimeout = 60_000

/** The real program with embedded PostgreSQL, local containers and local databases, in a data directory of its own. */
export class Wombat {
  static async start() {
    const wombat = new Wombat()
    wombat.data = mkdtempSync(join(tmpdir(), 'wombat-web-'))
    // Containers reach their files as other users.
    chmodSync(wombat.data, 0o711)
    wombat.port = await freePort()
    wombat.url = `http://127.0.0.1:${wombat.port}`
    await wombat.run()
    wombat.token = readFileSync(join(wombat.data, 'admin-token'), 'utf8').trim()
    return wombat
  }

  get environment() {
    const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
    return {
      ...process.env,
      WOMBAT_DATA_DIR: this.data,
      WOMBAT_PORT: String(this.port),
      WOMBAT_LOG_LEVEL: 'warning',
      FORGE_LXC_IMAGES: join(cache, 'wombat-test-bed/images'),
    }
  }

  async run() {
    const log = openSync(join(this.data, '..', `wombat-web-${this.port}.log`), 'a')
    this.child = spawn('dotnet', [server, 'serve'], { env: this.environment, stdio: ['ignore', log, log] })
    this.ended = new Promise(done => this.child.once('exit', done))
    const until = Date.now() + startTimeout
    for (;;) {
      const ready = await fetch(`${this.url}/health/ready`).then(r => r.ok, () => false)
      if (ready) {
        return
      }

      if (this.child.exitCode !== null || Date.now() > until) {
        throw new Error(`Wombat did not start: ${readFileSync(this.logFile, 'utf8').slice(-2000)}`)
      }

      await sleep(100)
    }
  }

  get logFile() {
    return join(this.data, '..', `wombat-web-${this.port}.log`)
  }

  /** Ends the process as an administrator does; containers and databases run on. */
  async stop() {
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), stopTimeout)
    await this.ended
    clearTimeout(timer)
  }

  async dispose() {
    await this.stop()
    const forge = join(root, 'Wombat.Api/bin/Release/net10.0/forge/forge')
    const options = { env: this.environment, timeout: stopTimeout }
    const records = join(this.data, 'lxc/.forge')
    if (existsSync(records)) {
      const ids = JSON.parse(spawnSync(forge, ['list'], options).stdout?.toString() || '[]').map(g => g.id)
      ids.forEach(id => spawnSync(forge, ['delete', '--id', id], options))
    }

    spawnSync('dotnet', [server, 'down'], options)
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5 })
    rmSync(this.logFile, { force: true })
  }

  /** Calls the API, by default as the bootstrap admin. */
  async api(method, path, body, token = this.token) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`)
    }

    return text ? JSON.parse(text) : undefined
  }

  async createProject(name, more = {}) {
    return this.api('POST', '/projects', { name, unix_name: `p-${randomBytes(5).toString('hex')}`, ...more })
  }

  async createUser(login, more = {}) {
    return this.api('POST', '/users', { login, full_name: login, password, ...more })
  }

  /** Waits for the end of a job. */
  async finished(job) {
    for (;;) {
      const { status } = await this.api('GET', `/jobs/${job}?wait=30s`)
      if (!['queued', 'running'].includes(status)) {
        return status
      }
    }
  }
}

export const password = `Correct-${randomBytes(9).toString('base64url')}`

export const sleep = ms => new Promise(done => setTimeout(done, ms))

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}
