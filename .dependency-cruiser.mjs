/**
 * Which way dependencies point, types counted (ARCHITECTURE.md): what is listed may know only what
 * is listed before it, and itself.
 */
const floors = ['config', 'platform', 'core', '(?:workers|channels)', 'web', 'bench', 'cli']

const oneWay = floors.map((floor, index) => ({
  name: `${floor.replace(/[^\w|]/g, '').replace('|', '-and-')}-knows-nothing-above-it`,
  severity: 'error',
  from: { path: `^${floor}/` },
  to: { path: `^(?:${floors.slice(index + 1).join('|') || '-'}|scripts|test)/` }
}))

/** Rooms of the core in the order of ARCHITECTURE.md. */
const rooms = [
  'ledger',
  'line',
  'clocks',
  'estimate',
  'contacts',
  'access',
  'documents',
  'intake',
  'duplicates',
  'matching',
  'people',
  'outbox',
  'campaigns',
  'replies',
  'verification',
  'mailroom',
  'transcription',
  'conversation',
  'webhooks',
  'reading',
  'routing',
  'settle',
  'cases',
  'search',
  'audit',
  'records',
  'evaluation'
]

const oneWayInside = rooms.slice(0, -1).map((room, index) => ({
  name: `${room}-knows-no-room-after-it`,
  severity: 'error',
  from: { path: `^core/${room}/` },
  to: { path: `^core/(?:${rooms.slice(index + 1).join('|')})/` }
}))

/** Rooms of the core that must not reach others, by however many steps. */
const blind = [
  [
    'the-line-cannot-reach-people',
    '^core/line/',
    '^core/(?:people|matching|duplicates|campaigns|conversation|documents|settle|routing|clocks|estimate)/'
  ],
  [
    'routing-cannot-reach-people',
    '^core/routing/',
    '^core/(?:people|matching|duplicates|campaigns|conversation|line)/'
  ],
  [
    'finding-duplicates-cannot-reach-people',
    '^core/duplicates/',
    '^core/(?:people|matching|line|routing)/'
  ]
].map(([name, from, to]) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: to, reachable: true }
}))

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'workers-and-channels-know-nothing-of-each-other',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^channels/' }
    },
    {
      name: 'channels-know-no-worker',
      severity: 'error',
      from: { path: '^channels/' },
      to: { path: '^workers/' }
    },
    {
      name: 'a-channel-knows-no-other',
      severity: 'error',
      from: { path: '^channels/([^/.]+)/' },
      to: { path: '^channels/[^/]+/', pathNot: '^channels/$1/' }
    },
    ...oneWay,
    ...oneWayInside,
    {
      name: 'core-knows-no-provider',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(?:platform/providers|node_modules/twilio)/' }
    },
    {
      name: 'rooms-are-handed-a-runtime',
      severity: 'error',
      from: { path: '^core/[^/]+/' },
      to: { path: '^core/open-runtime[.]ts$' }
    },
    ...blind
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    includeOnly:
      '^(?:config|platform|core|workers|channels|web|bench|cli|scripts|node_modules/twilio)/',
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.mjs'] }
  }
}
