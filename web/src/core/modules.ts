import type { Component } from 'vue'
import type { RouteLocationRaw, RouteRecordRaw } from 'vue-router'
import type { ProjectDto } from '@/api/client'

/** An entry of the rail. Entries for admins stand below a line. */
export interface RailEntry {
  title: string
  icon: string
  to: { name: string }
  /** The place in the rail: Dashboard 10, Projects 20, Databases 30, Containers 40, Commands 50, Jobs 60; admins from 100 on. */
  order: number
  isForAdmins?: boolean
  /** Other paths that belong to it. */
  parts?: string[]
  /** The key after g that goes there. */
  key?: string
}

/** A tab of the page of a project; its component has the prop project. */
export interface ProjectTab {
  name: string
  title: string
  /** Overview 10, containers 20, databases 30, members 40, tokens 50, activity 60, settings 70. */
  order: number
  component: () => Promise<{ default: Component }>
  isVisible?: (project: ProjectDto) => boolean
}

/** A result of the palette. */
export interface PaletteEntry {
  title: string
  detail?: string
  icon?: string
  to?: RouteLocationRaw
  run?: () => void
}

/** What a folder of pages adds to the frame; the default export of its routes.ts. */
export interface PageModule {
  routes: RouteRecordRaw[]
  rail?: RailEntry[]
  projectTabs?: ProjectTab[]
  /** Commands of the palette; read when it opens. */
  commands?: () => PaletteEntry[]
  /** Shown over every page. */
  overlay?: Component
  /** Finds objects by name for the palette. */
  search?: { title: string; find: (text: string, signal: AbortSignal) => Promise<PaletteEntry[]> }
}

const found = import.meta.glob<{ default: PageModule }>('../pages/*/routes.ts', { eager: true })

export const modules: PageModule[] = Object.values(found).map(module => module.default)
export const railEntries = modules.flatMap(module => module.rail ?? []).sort((a, b) => a.order - b.order)
export const projectTabs = modules.flatMap(module => module.projectTabs ?? []).sort((a, b) => a.order - b.order)
export const overlays = modules.flatMap(module => module.overlay ?? [])
