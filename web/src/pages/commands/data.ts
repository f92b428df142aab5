import { inject, provide, type InjectionKey, type Ref } from 'vue'
import type { CommandDto } from '@/api/client'

const key: InjectionKey<Readonly<Ref<CommandDto>>> = Symbol('command')

/** The command of the page, for its tabs. */
export function provideCommand(command: Readonly<Ref<CommandDto>>): void {
  provide(key, command)
}

export function useCommand(): Readonly<Ref<CommandDto>> {
  return inject(key)!
}
