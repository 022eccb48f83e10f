/** What the pages about campaigns need of the core. */
import { answerAll, split, takeOut } from '../../core/campaigns/answer.ts'
import { campaignsOfCase, concerns, listCampaigns, viewCampaign, type CampaignSummary, type CampaignView } from '../../core/campaigns/view.ts'
import type { Ground } from '../../core/ground.ts'

export interface CampaignDesk {
  /** The latest letter first; those with a case in one of the departments, where they are named. */
  list(limit: number, departments?: readonly string[]): Promise<{ total: number; campaigns: readonly CampaignSummary[] }>
  /** Whether one of the departments has to do with it. */
  concerns(campaignId: string, departments: readonly string[]): Promise<boolean>
  view(campaignId: string, page: { limit: number; offset: number }): Promise<CampaignView>
  ofCase(caseId: string): Promise<readonly { campaignId: string; members: number }[]>
  /** The same `answerId` twice is one answer. */
  answerAll(campaignId: string, answerId: string, text: string, actor: string): Promise<void>
  takeOut(contactId: string, actor: string, reason: string): Promise<void>
  /** Takes a merged campaign apart again. */
  split(mergedId: string, actor: string, reason: string): Promise<void>
}

export function openCampaignDesk(ground: Ground): CampaignDesk {
  const { db } = ground
  return {
    list: (limit, departments) => listCampaigns(db, { limit, ...(departments ? { departments } : {}) }),
    concerns: (campaignId, departments) => concerns(db, campaignId, departments),
    view: (campaignId, page) => viewCampaign(db, campaignId, page),
    ofCase: (caseId) => campaignsOfCase(db, caseId),
    answerAll: async (campaignId, answerId, text, actor) => { await answerAll(ground, campaignId, text, actor, answerId) },
    takeOut: (contactId, actor, reason) => takeOut(db, contactId, actor, reason),
    split: (mergedId, actor, reason) => split(db, mergedId, actor, reason)
  }
}
