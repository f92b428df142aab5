import { mdiTuneVariant } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [{ path: '/settings', name: 'settings', component: () => import('./SettingsPage.vue'), meta: { title: text.title } }],
  rail: [{ title: text.title, icon: mdiTuneVariant, to: { name: 'settings' }, order: 150, isForAdmins: true }],
} satisfies PageModule
