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
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/, 'the id or a domain of the tenant')
    .refine(
      (tenant) => !['common', 'organizations', 'consumers'].includes(tenant),
      'the id or a domain of one tenant'
    ),
  clientId: z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'the application (client) id'),
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
