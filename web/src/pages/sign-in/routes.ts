import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./SignInPage.vue'), meta: { title: text.title, isPublic: true } },
    { path: '/setup', name: 'setup', component: () => import('./SetupPage.vue'), meta: { title: text.setup.title, isPublic: true } },
  ],
} satisfies PageModule
