import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [{ path: '/orphans', name: 'orphans', component: () => import('./OrphansPage.vue'), meta: { title: text.title } }],
  commands: () => [{ title: text.title, to: { name: 'orphans' } }],
} satisfies PageModule
