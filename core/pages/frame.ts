import type { Agency } from '../../config/agency.ts'
import { assetBase } from './assets.ts'
import { direction, formatTime, inLanguage, nativeName, translate, type Translate } from './language.ts'

export interface Link {
  readonly href: string
  readonly text: string
  readonly current: boolean
}

/** What every page needs around its own content. */
export interface Frame {
  readonly t: Translate
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly agencyName: string
  readonly assets: string
  readonly homeHref: string
  readonly links: readonly Link[]
  /** Other languages of this page; empty where switching would lose what was typed. */
  readonly languages: readonly { tag: string; name: string; direction: 'ltr' | 'rtl'; current: boolean }[]
  readonly scripts: readonly string[]
  time(time: Date): string
  /** A text of the agency's files in the page's language. */
  say(text: Readonly<Record<string, string>>): string
}

/** The frame of a resident's page at `path`. */
export function residentFrame(agency: Agency, language: string, path: string): Frame {
  const t = translate(agency.locales, language)
  return {
    ...baseFrame(agency, language),
    homeHref: '/',
    links: [
      { href: '/', text: t('page.home'), current: path === '/' },
      { href: '/r', text: t('page.status'), current: path === '/r' || path.startsWith('/r/') }
    ],
    languages: agency.departments.agency.languages.map((tag) => ({ tag, name: nativeName(tag), direction: direction(tag), current: tag === language })),
    scripts: ['forms.js']
  }
}

/** What resident and staff pages share. */
export function baseFrame(agency: Agency, language: string): Omit<Frame, 'homeHref' | 'links' | 'languages' | 'scripts'> {
  const { name, languages, timeZone } = agency.departments.agency
  const say = (text: Readonly<Record<string, string>>) => inLanguage(text, language, languages[0] ?? 'en')
  return {
    t: translate(agency.locales, language),
    language,
    direction: direction(language),
    agencyName: say(name),
    assets: assetBase,
    time: (time) => formatTime(time, language, timeZone),
    say
  }
}
