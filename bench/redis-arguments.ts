/** A Redis that syncs every write and forgets nothing, as the administrator's guide asks for. */
export function redisArguments(port: number, dir: string): string[] {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  const kept = ['--maxmemory-policy', 'noeviction']
  return ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...durable, ...kept]
}
