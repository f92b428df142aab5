import { mdiPuzzleOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [{ path: '/plugins', name: 'plugins', component: () => import('./PluginsPage.vue'), meta: { title: text.title } }],
  rail: [{ title: text.title, icon: mdiPuzzleOutline, to: { name: 'plugins' }, order: 130, isForAdmins: true }],
} satisfies PageModule
