import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [],
  projectTabs: [{ name: 'budget', title: text.title, order: 65, component: () => import('./BudgetTab.vue') }],
} satisfies PageModule
