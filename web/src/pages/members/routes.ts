import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [],
  projectTabs: [{ name: 'members', title: text.title, order: 40, component: () => import('./MembersTab.vue') }],
} satisfies PageModule
