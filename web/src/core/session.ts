import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Identity, SignInOptions } from '@/api/client'
import { api, ApiError, http } from '@/api/http'
import { claimTab, forgetUser } from './tab'

export type SessionPhase = 'unknown' | 'anonymous' | 'signed-in' | 'lost'

/** Who is signed in. A session that is lost is asked for over the page, and requests wait for it. */
export const useSession = defineStore('session', () => {
  const identity = ref<Identity | null>(null)
  const phase = ref<SessionPhase>('unknown')
  const options = ref<SignInOptions | null>(null)
  let recovery: { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } | null = null

  const user = computed(() => identity.value?.user ?? null)
  const isAdmin = computed(() => identity.value?.is_admin ?? false)

  async function load(): Promise<void> {
    if (phase.value !== 'unknown') {
      return
    }

    options.value = await api.getSignInOptions()
    if (options.value.signed_in) {
      accept(await api.getIdentity())
    } else {
      phase.value = 'anonymous'
    }
  }

  async function signIn(login: string, password: string): Promise<void> {
    accept(await api.signIn({ login, password }))
  }

  /** Returns the address that ends the session at the OpenID provider, if there is one. */
  async function signOut(): Promise<string | null> {
    const ended = await api.signOut()
    forgetUser()
    identity.value = null
    http.session = null
    phase.value = 'anonymous'
    return ended.provider_logout_url
  }

  function accept(found: Identity): void {
    const before = identity.value
    identity.value = found
    phase.value = 'signed-in'
    claimTab(found.user?.id ?? '')
    http.session = { csrfToken: found.csrf_token ?? null, recover, refresh }
    if (before && before.user?.id !== found.user?.id) {
      // What is on the page belongs to somebody else.
      location.reload()
      return
    }

    recovery?.resolve()
    recovery = null
  }

  async function refresh(): Promise<void> {
    accept(await api.getIdentity())
  }

  function recover(): Promise<void> {
    if (!recovery) {
      phase.value = 'lost'
      let resolve = () => {}
      let reject: (error: Error) => void = () => {}
      const promise = new Promise<void>((onDone, onFailed) => {
        resolve = onDone
        reject = onFailed
      })
      recovery = { promise, resolve, reject }
    }

    return recovery.promise
  }

  /** Checks whether the session still holds, as when the stream of changes was refused. Ends when it holds again. */
  async function check(): Promise<void> {
    if (phase.value === 'lost') {
      return recover()
    }

    if (phase.value !== 'signed-in') {
      return
    }

    try {
      await refresh()
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        await recover()
      }
    }
  }

  return { identity, phase, options, user, isAdmin, load, signIn, signOut, refresh, check }
})
