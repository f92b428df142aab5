import { mdiShieldAccountOutline } from '@mdi/js'
import type { PageModule } from '@/core/modules'
import { titles } from './titles'

export default {
  routes: [{ path: '/roles', name: 'roles', component: () => import('./RolesPage.vue'), meta: { title: titles.title } }],
  rail: [{ title: titles.title, icon: mdiShieldAccountOutline, to: { name: 'roles' }, order: 105, isForAdmins: true }],
} satisfies PageModule
