import { mdiViewDashboardOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [{ path: '/', name: 'dashboard', component: () => import('./DashboardPage.vue'), meta: { title: text.title } }],
  rail: [{ title: text.title, icon: mdiViewDashboardOutline, to: { name: 'dashboard' }, order: 10, key: 'd' }],
} satisfies PageModule
