import { mdiClipboardTextClockOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [{ path: '/events', name: 'events', component: () => import('./EventsPage.vue'), meta: { title: text.title } }],
  rail: [{ title: text.title, icon: mdiClipboardTextClockOutline, to: { name: 'events' }, order: 140, isForAdmins: true, key: 'e' }],
} satisfies PageModule
