import './styles/order.css'
import 'vuetify/styles/layers'
import 'vuetify/styles/core'
import './styles/fonts.css'
import './styles/app.css'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { queryClient } from './core/query'
import { createTheme, provideThemeSheet } from './core/theme'
import { reloadOnce, router } from './router'

reloadOnce()
const app = createApp(App)
provideThemeSheet(app)
app.use(createPinia()).use(createTheme()).use(VueQueryPlugin, { queryClient }).use(router).mount('#app')
