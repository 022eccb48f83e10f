import type { Agency } from '../../config/agency.ts'
import { assetBase, fonts } from './assets.ts'
import {
  direction,
  formatTime,
  formatTimes,
  inLanguage,
  nativeName,
  translate,
  type Translate
} from './language.ts'

export interface Link {
  readonly href: string
  readonly text: string
  readonly current: boolean
  /** What waits there for this person, and in which words. */
  readonly count?: { readonly name: string; readonly text: string; readonly words: string }
}

/** What every page needs besides its own content. */
export interface Frame {
  readonly t: Translate
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly agencyName: string
  readonly assets: string
  readonly homeHref: string
  readonly links: readonly Link[]
  /** Other languages of this page. Empty if switching would lose what was typed. */
  readonly languages: readonly {
    tag: string
    name: string
    direction: 'ltr' | 'rtl'
    current: boolean
  }[]
  /** Whose page it is: decides header, footer and style sheets. */
  readonly area: 'public' | 'desk'
  readonly styles: readonly string[]
  readonly fonts: readonly string[]
  readonly scripts: readonly string[]
  /** An icon of the sprite as HTML, hidden from screen readers: a word always stands with it. */
  icon(name: string): string
  time(time: Date): string
  /** From when to when. */
  times(from: Date, to: Date): string
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
    languages: agency.departments.agency.languages.map((tag) => ({
      tag,
      name: nativeName(tag),
      direction: direction(tag),
      current: tag === language
    })),
    area: 'public',
    styles: ['base.css', 'public.css'],
    scripts: ['forms.js']
  }
}

/** What resident and staff pages share. */
export function baseFrame(
  agency: Agency,
  language: string
): Omit<Frame, 'homeHref' | 'links' | 'languages' | 'area' | 'styles' | 'scripts'> {
  const { name, languages, timeZone } = agency.departments.agency
  const say = (text: Readonly<Record<string, string>>) =>
    inLanguage(text, language, languages[0] ?? 'en')
  return {
    t: translate(agency.locales, language),
    language,
    direction: direction(language),
    agencyName: say(name),
    assets: assetBase,
    fonts,
    icon,
    time: (time) => formatTime(time, language, timeZone),
    times: (from, to) => formatTimes(from, to, language, timeZone),
    say
  }
}

function icon(name: string): string {
  const kind = name === 'mark' ? 'icon mark' : 'icon'
  return `<svg class="${kind}" aria-hidden="true" focusable="false"><use href="${assetBase}/own/icons.svg#${name}"/></svg>`
}
