import type { JobState, ResourceStatus } from '@/api/client'

export type Tone = 'running' | 'working' | 'waiting' | 'broken' | 'off'
export type StatusName = `${ResourceStatus}` | `${JobState}` | 'healthy' | 'unhealthy' | 'active' | 'inactive' | 'success' | 'failure' | 'refused'

/** The word and the meaning of every status; the meaning gives colour and icon. */
export const statuses: Record<StatusName, { word: string; tone: Tone }> = {
  pending: { word: 'Pending', tone: 'waiting' },
  provisioning: { word: 'Provisioning', tone: 'working' },
  running: { word: 'Running', tone: 'running' },
  ready: { word: 'Ready', tone: 'running' },
  updating: { word: 'Updating', tone: 'working' },
  degraded: { word: 'Degraded', tone: 'waiting' },
  frozen: { word: 'Frozen', tone: 'off' },
  stopped: { word: 'Stopped', tone: 'off' },
  error: { word: 'Error', tone: 'broken' },
  missing: { word: 'Missing', tone: 'broken' },
  unknown: { word: 'Unknown', tone: 'waiting' },
  deleting: { word: 'Deleting', tone: 'working' },
  deleted: { word: 'Deleted', tone: 'off' },
  queued: { word: 'Queued', tone: 'waiting' },
  waiting_retry: { word: 'Waiting to retry', tone: 'waiting' },
  succeeded: { word: 'Succeeded', tone: 'running' },
  failed: { word: 'Failed', tone: 'broken' },
  cancelled: { word: 'Cancelled', tone: 'off' },
  interrupted: { word: 'Interrupted', tone: 'broken' },
  healthy: { word: 'Healthy', tone: 'running' },
  unhealthy: { word: 'Unhealthy', tone: 'broken' },
  active: { word: 'Active', tone: 'running' },
  inactive: { word: 'Inactive', tone: 'off' },
  success: { word: 'Success', tone: 'running' },
  failure: { word: 'Failure', tone: 'broken' },
  refused: { word: 'Refused', tone: 'waiting' },
}
