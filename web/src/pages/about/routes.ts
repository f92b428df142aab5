import { mdiInformationOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [{ path: '/about', name: 'about', component: () => import('./AboutPage.vue'), meta: { title: text.title } }],
  rail: [{ title: text.title, icon: mdiInformationOutline, to: { name: 'about' }, order: 190, isForAdmins: true }],
  commands: () => [{ title: text.title, icon: mdiInformationOutline, to: { name: 'about' } }],
} satisfies PageModule
