import { createRouter, createWebHistory, type RouteLocationRaw } from 'vue-router'
import { modules } from '@/core/modules'
import { useSession } from '@/core/session'
import { common } from '@/text/common'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    /** Shown without the frame, to people who are not signed in too. */
    isPublic?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...modules.flatMap(module => module.routes),
    { path: '/:path(.*)*', name: 'not-found', component: () => import('@/frame/NotFound.vue'), meta: { title: common.errors.notFoundTitle } },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
})

let target: string | null = null

router.beforeEach(async to => {
  target = to.fullPath
  const session = useSession()
  try {
    await session.load()
  } catch {
    // The server cannot be reached; App shows that and tries again.
    return true
  }

  if (session.phase === 'anonymous' && !to.meta.isPublic) {
    return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  }

  return true
})

router.afterEach(to => {
  target = null
  setTitle(to.meta.title)
})

export function setTitle(title: string | undefined): void {
  document.title = title ? `${title} · ${common.product}` : common.product
}

/** A link to a named page, or undefined where this build has no such page. */
export function linkTo(name: string, params: Record<string, string> = {}, query: Record<string, string> = {}): RouteLocationRaw | undefined {
  return router.hasRoute(name) ? { name, params, query } : undefined
}

const reloadKey = 'wombat.reloaded'

/** A page that was opened before an update asks for files that are gone: one reload brings the new ones. */
export function reloadOnce(): void {
  window.addEventListener('vite:preloadError', event => {
    const last = Number(sessionStorage.getItem(reloadKey))
    if (Date.now() - last > 30_000) {
      event.preventDefault()
      sessionStorage.setItem(reloadKey, String(Date.now()))
      if (target) {
        location.assign(target)
      } else {
        location.reload()
      }
    }
  })
}
