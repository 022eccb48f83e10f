/** What is special to a mailbox at Microsoft 365, which is pulled by Microsoft Graph. */
import { z } from 'zod'
import { serviceUrl } from './service-url.ts'

export interface GraphEndpoints {
  /** The token service, without a path. */
  readonly login: string
  readonly graph: string
}

/** As "Microsoft Graph national cloud deployments" has them. GCC is part of the global cloud. */
const clouds = {
  global: { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' },
  'us-gov': { login: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' },
  'us-dod': { login: 'https://login.microsoftonline.us', graph: 'https://dod-graph.microsoft.us' },
  china: {
    login: 'https://login.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn'
  }
} as const satisfies Record<string, GraphEndpoints>

export const cloudNames = ['global', 'us-gov', 'us-dod', 'china'] as const

/** Labels with a dot between them, the last in letters. */
const domain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i

/** Without a path: what follows is ours. */
const origin = serviceUrl.transform((address) => new URL(address).origin)

export const graphFields = {
  kind: z.literal('graph'),
  /** Whose the mailbox is, as a user principal name; a shared mailbox has one too. */
  user: z
    .email()
    .max(320)
    .transform((user) => user.toLowerCase()),
  /** Client credentials are of one tenant: `common` and its like stand for none. */
  tenant: z.union(
    [z.guid(), z.string().max(253).regex(domain)],
    'the id or a domain of one tenant'
  ),
  clientId: z.guid('the application (client) id, such as 2f1c0a4e-0b7d-4c55-9a51-6d1f3e8b7a20'),
  /** As it is shown, inner ones after a slash; the first may be Inbox in every language. */
  folder: z.string().min(1).max(200).default('Inbox'),
  cloud: z.enum(cloudNames).default('global'),
  endpoints: z.strictObject({ login: origin, graph: origin }).optional(),
  /**
   * Seconds from one look to the next. Sooner costs Microsoft's limit of requests and gains nobody
   * anything; later, and `doctor` says that nobody looks.
   */
  everySeconds: z.number().int().min(10).max(300).default(30)
}

export function endpointsOf({
  cloud,
  endpoints
}: {
  readonly cloud: (typeof cloudNames)[number]
  readonly endpoints?: GraphEndpoints | undefined
}): GraphEndpoints {
  return endpoints ?? clouds[cloud]
}
