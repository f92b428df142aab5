import { mdiTuneVariant } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { titles } from './titles'

export default {
  routes: [{ path: '/settings', name: 'settings', component: () => import('./SettingsPage.vue'), meta: { title: titles.title } }],
  rail: [{ title: titles.title, icon: mdiTuneVariant, to: { name: 'settings' }, order: 150, isForAdmins: true }],
} satisfies PageModule
