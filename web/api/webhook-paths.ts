/** The webhooks we send, for the OpenAPI document. */
import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { cloudEventSchema } from '../../core/webhooks/event.ts'

const signature = z.object({
  'webhook-id': z.string().meta({ description: 'The same each time this delivery is tried.' }),
  'webhook-timestamp': z.string().meta({ description: 'Seconds since 1970; refuse what is old.' }),
  'webhook-signature': z.string().meta({
    description:
      'Standard Webhooks: `v1,` and the HMAC-SHA256 of id, time and body in base64; several with spaces between while the secret is changed over.'
  })
})

/**
 * One operation for the events of a line, in OpenAPI 3.1's section for requests that a server
 * sends.
 */
export function webhookPaths(): ZodOpenApiPathsObject {
  return {
    lineEvent: {
      post: {
        operationId: 'lineEvent',
        tags: ['Events'],
        summary: "Something happened in the department's line",
        description:
          'One at a time and in the order of the line; with maxInFlight above 1, several as a batch. Answer 2xx once it is stored. 410 ends it; 400, 413, 415 and 422 say that the event is wrong; anything else is tried again.',
        requestParams: { header: signature },
        requestBody: {
          required: true,
          content: {
            'application/cloudevents+json': { schema: cloudEventSchema },
            'application/cloudevents-batch+json': { schema: z.array(cloudEventSchema) }
          }
        },
        responses: { 204: { description: 'It is stored.' } }
      }
    }
  }
}
