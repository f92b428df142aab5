import { mdiShieldAccountOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [{ path: '/roles', name: 'roles', component: () => import('./RolesPage.vue'), meta: { title: text.title } }],
  rail: [{ title: text.title, icon: mdiShieldAccountOutline, to: { name: 'roles' }, order: 105, isForAdmins: true }],
} satisfies PageModule
