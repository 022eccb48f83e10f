import { expect, test } from '@jest/globals'
import { loadAgency } from '../../../config/agency.ts'
import { channelKinds } from '../../../core/envelope.ts'

test('residents read how their message came, by a name in each of their languages', async () => {
  const { departments, locales } = await loadAgency('config')
  const unnamed = departments.agency.languages.flatMap((language) =>
    channelKinds
      .map((kind) => `channel.${kind}`)
      .filter((key) => !locales[language]?.[key])
      .map((key) => `locales/${language}.yaml: ${key}`)
  )
  expect(unnamed).toEqual([])
})
