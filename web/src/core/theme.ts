import type { App } from 'vue'
import { createVuetify, type ThemeDefinition } from 'vuetify'
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg'

const light: ThemeDefinition = {
  dark: false,
  colors: {
    background: '#f7f8fa',
    surface: '#ffffff',
    'surface-bright': '#ffffff',
    'surface-light': '#eef0f4',
    'surface-variant': '#3a4454',
    'on-surface-variant': '#f2f4f7',
    'on-background': '#1c2430',
    'on-surface': '#1c2430',
    primary: '#2d5fd2',
    'on-primary': '#ffffff',
    secondary: '#4a5464',
    error: '#b42318',
    success: '#157347',
    warning: '#8a5a00',
    info: '#2560c4',
    running: '#157347',
    working: '#2560c4',
    waiting: '#8a5a00',
    broken: '#b42318',
    off: '#596273',
  },
  variables: {
    'border-color': '#1c2430',
    'border-opacity': 0.12,
    'high-emphasis-opacity': 1,
    'medium-emphasis-opacity': 0.74,
    'theme-kbd': '#eef0f4',
    'theme-on-kbd': '#1c2430',
    'theme-code': '#eef0f4',
    'theme-on-code': '#1c2430',
  },
}

const dark: ThemeDefinition = {
  dark: true,
  colors: {
    background: '#13161b',
    surface: '#1a1e25',
    'surface-bright': '#2a303a',
    'surface-light': '#252b34',
    'surface-variant': '#c9d1dc',
    'on-surface-variant': '#1a1e25',
    'on-background': '#e2e7ee',
    'on-surface': '#e2e7ee',
    primary: '#86abff',
    'on-primary': '#0e1a33',
    secondary: '#b0bac8',
    error: '#ff8f85',
    success: '#56c78d',
    warning: '#e5b04f',
    info: '#86abff',
    running: '#56c78d',
    working: '#86abff',
    waiting: '#e5b04f',
    broken: '#ff8f85',
    off: '#9ea8b7',
  },
  variables: {
    'border-color': '#e2e7ee',
    'border-opacity': 0.14,
    'high-emphasis-opacity': 1,
    'medium-emphasis-opacity': 0.74,
    'theme-kbd': '#252b34',
    'theme-on-kbd': '#e2e7ee',
    'theme-code': '#252b34',
    'theme-on-code': '#e2e7ee',
  },
}

export type ThemeChoice = 'system' | 'light' | 'dark'
const storageKey = 'wombat.theme'

export function readThemeChoice(): ThemeChoice {
  const stored = localStorage.getItem(storageKey)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

export function storeThemeChoice(choice: ThemeChoice): void {
  localStorage.setItem(storageKey, choice)
}

// A hint that came and went with the focus would move the button below while it is clicked.
const field = { variant: 'outlined', density: 'compact', hideDetails: 'auto', persistentHint: true, color: 'primary' } as const

export function createTheme() {
  return createVuetify({
    icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
    theme: { defaultTheme: readThemeChoice(), themes: { light, dark } },
    display: { thresholds: { xs: 0, sm: 600, md: 960, lg: 1280, xl: 1920 }, mobileBreakpoint: 'sm' },
    defaults: {
      VBtn: { variant: 'flat', ripple: false, rounded: 'sm' },
      VTextField: field,
      VTextarea: { ...field, autoGrow: true, rows: 3 },
      VSelect: { ...field, menuProps: { transition: 'fade-transition' } },
      VAutocomplete: { ...field, menuProps: { transition: 'fade-transition' } },
      VCombobox: field,
      VCheckbox: { density: 'compact', hideDetails: 'auto', color: 'primary' },
      VRadioGroup: { density: 'compact', hideDetails: 'auto', color: 'primary' },
      VSwitch: { density: 'compact', hideDetails: 'auto', color: 'primary' },
      VMenu: { transition: 'fade-transition' },
      // Blocking the scrolling sets the document's scroll position to 0, and tables would show their first rows below the dialog.
      VDialog: { transition: 'fade-transition', scrollable: true, scrollStrategy: 'none' },
      VList: { density: 'compact' },
      VListItem: { ripple: false },
      VChip: { size: 'small', variant: 'outlined' },
    },
  })
}

interface Head {
  style: { textContent: string }[]
}

/**
 * Vuetify writes the colours of a theme into a style element, which the page's policy forbids. It leaves that to a provider of this name,
 * which puts them into a constructed style sheet. The hook is undocumented; a test checks that the colours arrive.
 */
export function provideThemeSheet(app: App): void {
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  app.provide('usehead', {
    push(get: () => Head) {
      const write = (read: () => Head) => sheet.replaceSync(read().style[0]?.textContent ?? '')
      write(get)
      return { patch: write }
    },
  })
}
