import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { UserDto } from '@/api/client'

const personKey: InjectionKey<ComputedRef<UserDto>> = Symbol('person')

/** Gives the person of the page to its tabs. */
export function providePerson(person: ComputedRef<UserDto>): void {
  provide(personKey, person)
}

export function usePerson(): ComputedRef<UserDto> {
  return inject(personKey)!
}
