import { LogStream } from '@/api/client'

export const streamModes = ['all', 'stderr', 'stdout'] as const
export type StreamMode = (typeof streamModes)[number]

const shown: Record<StreamMode, LogStream[] | null> = { all: null, stderr: [LogStream.Stderr], stdout: [LogStream.Stdout] }

/** The streams of a choice; null for all. */
export function streamsOf(mode: StreamMode): LogStream[] | null {
  return shown[mode]
}
