import { mdiCogOutline, mdiDeleteOutline, mdiPause, mdiPlay } from '@mdi/js'
import type { Router } from 'vue-router'
import { ScheduleAction, type ScheduleDto } from '@/api/client'
import { api } from '@/api/http'
import type { MenuAction } from '@/components/RowMenu.vue'
import { toApiError } from '@/core/action'
import { confirm } from '@/core/confirm'
import { useNotices } from '@/core/notices'
import { queryClient } from '@/core/query'
import { sameBody } from './scheduleForm'
import { text } from './text'

const words = text.schedules

/** What the server allows on a schedule, as entries of its menu. */
export function scheduleActions(schedule: ScheduleDto, router: Router): MenuAction[] {
  const actions: MenuAction[] = []
  if (schedule.actions.includes(ScheduleAction.Update)) {
    const to = { name: 'schedule-edit', params: { commandId: schedule.command_id, scheduleId: schedule.id } }
    actions.push(
      { title: words.edit, icon: mdiCogOutline, run: () => void router.push(to) },
      schedule.is_paused
        ? { title: words.resume, icon: mdiPlay, run: () => void setPaused(schedule, false) }
        : { title: words.pause, icon: mdiPause, run: () => void setPaused(schedule, true) },
    )
  }

  if (schedule.actions.includes(ScheduleAction.Delete)) {
    actions.push({ title: words.delete.action, icon: mdiDeleteOutline, isDestructive: true, run: () => void remove(schedule) })
  }

  return actions
}

async function setPaused(schedule: ScheduleDto, isPaused: boolean): Promise<void> {
  try {
    await api.updateSchedule(schedule.id, { ...sameBody(schedule), is_paused: isPaused }, `"${schedule.version}"`)
    useNotices().show(isPaused ? words.isPaused(schedule.name) : words.isResumed(schedule.name))
  } catch (error) {
    useNotices().show(toApiError(error).message, { isError: true })
  }

  void queryClient.invalidateQueries({ queryKey: ['schedule'] })
}

async function remove(schedule: ScheduleDto): Promise<void> {
  const isDone = await confirm({
    title: words.delete.title(schedule.name),
    text: words.delete.text,
    action: words.delete.action,
    isDestructive: true,
    run: () => api.deleteSchedule(schedule.id),
  })
  if (isDone) {
    useNotices().show(words.delete.done(schedule.name))
    void queryClient.invalidateQueries({ queryKey: ['schedule'] })
  }
}
