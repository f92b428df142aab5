import { createApp } from 'vue'
import App from './App.vue'
import 'vuetify/styles/layers'

createApp(App).mount('#app')
