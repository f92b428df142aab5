import {
  mdiBackupRestore,
  mdiCloudUploadOutline,
  mdiDatabasePlusOutline,
  mdiDeleteOutline,
  mdiDeleteRestore,
  mdiEyeOffOutline,
  mdiPauseCircleOutline,
  mdiPlayCircleOutline,
  mdiRestart,
  mdiResize,
  mdiShieldCheckOutline,
  mdiWrenchOutline,
} from '@mdi/js'
import { shallowRef } from 'vue'
import type { Router } from 'vue-router'
import { DatabaseAction, PlannedDatabaseChange, type AcceptedDatabase, type DatabaseDto } from '@/api/client'
import { api, newKey } from '@/api/http'
import type { MenuAction } from '@/components/RowMenu.vue'
import { confirm } from '@/core/confirm'
import { formatExact } from '@/core/format'
import { useNotices } from '@/core/notices'
import { follow, refreshDatabase } from './data'
import { withLocalTimes } from '@/core/localTime'
import { text } from './text'

/** The database that FreezeDialog asks about. */
export const freezing = shallowRef<DatabaseDto | null>(null)

interface Step {
  name: DatabaseAction
  icon: string
  title: string
  run: (database: DatabaseDto, router: Router) => void
  isDestructive?: boolean
}

const steps: Step[] = [
  { name: DatabaseAction.Undelete, icon: mdiDeleteRestore, title: text.actions.undelete, run: d => void undelete(d) },
  { name: DatabaseAction.Unfreeze, icon: mdiPlayCircleOutline, title: text.actions.unfreeze, run: d => void unfreeze(d) },
  { name: DatabaseAction.Repair, icon: mdiWrenchOutline, title: text.actions.repair, run: d => void repair(d) },
  { name: DatabaseAction.Backup, icon: mdiCloudUploadOutline, title: text.actions.backup, run: d => void start(d, () => api.backUpDatabase(d.id, newKey()), text.started.backup(d.name)) },
  { name: DatabaseAction.Drill, icon: mdiShieldCheckOutline, title: text.actions.drill, run: d => void start(d, () => api.drillDatabase(d.id, newKey()), text.started.drill(d.name)) },
  { name: DatabaseAction.Freeze, icon: mdiPauseCircleOutline, title: text.actions.freeze, run: d => (freezing.value = d) },
  { name: DatabaseAction.Restart, icon: mdiRestart, title: text.actions.restart, run: d => void restart(d) },
  { name: DatabaseAction.Resize, icon: mdiResize, title: text.actions.resize, run: (d, router) => void router.push({ name: 'database-resize', params: { databaseId: d.id } }) },
  {
    name: DatabaseAction.Restore,
    icon: mdiDatabasePlusOutline,
    title: text.actions.restore,
    run: (d, router) => void router.push({ name: 'database-restore', params: { databaseId: d.id } }),
  },
  {
    name: DatabaseAction.Restore_in_place,
    icon: mdiBackupRestore,
    title: text.actions.restoreInPlace,
    run: (d, router) => void router.push({ name: 'database-restore', params: { databaseId: d.id }, query: { into: 'itself' } }),
  },
  { name: DatabaseAction.Forget, icon: mdiEyeOffOutline, title: text.actions.forget, isDestructive: true, run: d => void forget(d) },
  { name: DatabaseAction.Delete, icon: mdiDeleteOutline, title: text.actions.delete, isDestructive: true, run: d => void deleteDatabase(d) },
]

/** What the server allows on a database, as entries of its menu. */
export function databaseActions(database: DatabaseDto, router: Router): MenuAction[] {
  return steps
    .filter(step => can(database, step.name))
    .map(({ icon, title, isDestructive, run }) => ({ icon, title, isDestructive, run: () => run(database, router) }))
}

export function can(database: DatabaseDto, action: DatabaseAction): boolean {
  return database.actions.includes(action)
}

/** Starts a job; what the server refuses is a notice. */
export async function start(database: DatabaseDto, request: () => Promise<AcceptedDatabase>, done: string): Promise<boolean> {
  const notices = useNotices()
  try {
    follow(await request())
    notices.show(done)
    return true
  } catch (error) {
    notices.show((error as Error).message, { isError: true })
    return false
  } finally {
    refreshDatabase(database.id)
  }
}

async function finish(database: DatabaseDto, isDone: boolean, done: string): Promise<boolean> {
  if (isDone) {
    useNotices().show(done)
    refreshDatabase(database.id)
  }

  return isDone
}

async function restart(database: DatabaseDto): Promise<void> {
  const isDone = await confirm({
    title: text.confirm.restart(database.name),
    text: text.confirm.restartText,
    action: text.actions.restart,
    run: async () => follow(await api.restartDatabase(database.id, newKey())),
  })
  await finish(database, isDone, text.started.restart(database.name))
}

export async function unfreeze(database: DatabaseDto): Promise<void> {
  const isDone = await confirm({
    title: text.confirm.unfreeze(database.name),
    text: text.confirm.unfreezeText,
    action: text.actions.unfreeze,
    run: async () => follow(await api.unfreezeDatabase(database.id, newKey())),
  })
  await finish(database, isDone, text.started.unfreeze(database.name))
}

export async function undelete(database: DatabaseDto): Promise<void> {
  const isDone = await confirm({
    title: text.confirm.undelete(database.name),
    text: text.confirm.undeleteText,
    action: text.actions.undelete,
    run: async () => follow(await api.undeleteDatabase(database.id, newKey())),
  })
  await finish(database, isDone, text.started.undelete(database.name))
}

export async function repair(database: DatabaseDto): Promise<void> {
  const isDone = await confirm({
    title: text.confirm.repair(database.name),
    text: text.confirm.repairText,
    action: text.actions.repair,
    run: async () => follow(await api.repairDatabase(database.id, newKey())),
  })
  await finish(database, isDone, text.started.repair(database.name))
}

async function forget(database: DatabaseDto): Promise<void> {
  const isDone = await confirm({
    title: text.confirm.forget(database.name),
    text: text.confirm.forgetText,
    typedName: database.name,
    action: text.actions.forget,
    isDestructive: true,
    run: () => api.forgetDatabase(database.id, { name: database.name }, newKey()),
  })
  await finish(database, isDone, text.started.forget(database.name))
}

/** Asks for the name, with what goes with the database and until when it can be undone. True if the deletion has begun. */
export async function deleteDatabase(database: DatabaseDto): Promise<boolean> {
  const [plan, tier] = await Promise.all([
    api.planDatabaseChange(database.id, { change: PlannedDatabaseChange.Delete }).catch(() => null),
    api.getTier(database.tier).catch(() => null),
  ])
  const keeps = tier && tier.deletion_policy !== 'hard_delete' && tier.grace_days > 0
  const until = keeps ? text.confirm.deleteUntil(formatExact(Date.now() + tier.grace_days * 86_400_000)) : text.confirm.deleteFinal
  const isDone = await confirm({
    title: text.confirm.delete(database.name),
    text: tier ? until : text.settings.dangerText,
    consequences: plan?.would_remove.map(withLocalTimes) ?? [],
    typedName: database.name,
    action: text.actions.delete,
    isDestructive: true,
    run: async () => follow(await api.deleteDatabase(database.id)),
  })
  return finish(database, isDone, text.started.delete(database.name))
}
