import type { OpenRuntime } from '../../core/open-runtime.ts'
import type { EndpointPorts } from '../serve-endpoint.ts'

/** Of what is open in the process, what the endpoints of `/v1` call the rooms with. */
export type ApiPorts = EndpointPorts &
  Pick<
    OpenRuntime,
    'settings' | 'agency' | 'log' | 'secret' | 'db' | 'blobs' | 'queues' | 'line' | 'router'
  >
