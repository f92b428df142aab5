import { mdiProgressClock } from '@mdi/js'
import { defineAsyncComponent } from 'vue'
import type { PageModule } from '@/core/modules'
import { text } from './text'

export default {
  routes: [
    { path: '/jobs', name: 'jobs', component: () => import('./JobsPage.vue'), meta: { title: text.title } },
    { path: '/jobs/:jobId', name: 'job', component: () => import('./JobPage.vue'), props: true, meta: { title: text.one } },
  ],
  rail: [{ title: text.title, icon: mdiProgressClock, to: { name: 'jobs' }, order: 60, key: 'j' }],
  overlay: defineAsyncComponent(() => import('./JobFollower.vue')),
} satisfies PageModule
