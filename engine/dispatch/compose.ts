/**
 * From a campaign's text to PDUs: encoding, parts, templates. Pure.
 *
 * Promises: what is sent has as many parts as its approvers saw, or it is not sent at all. A text with placeholders has at most
 * as many for anybody: each recipient's is held against that when it is claimed (PersonalBlock.ts).
 */
import { Result, Schema } from "effect"
import { type SubmitOptions, SubmitTemplate } from "#engine/smpp/submit.ts"
import { relativeTime } from "#engine/smpp/time.ts"
import type { CampaignContent } from "#schema/campaign/Campaigns.ts"
import { type ChannelCharset, dataCoding, encodingOf } from "#schema/text/Encoding.ts"
import { parse } from "#schema/text/Placeholders.ts"
import { GREATEST_MAXIMUM_PARTS, split } from "#schema/text/Segments.ts"
import type { Content } from "./Content.ts"

export class ComposeError extends Schema.TaggedError<ComposeError>()("ComposeError", { message: Schema.String }) {}

/** SMPP 3.4, 5.2.17: a receipt is asked for, whether delivered or not. */
const RECEIPT_ASKED = 1

/** Fails when the text can't be encoded, or not into the number of parts that was approved. */
export const compose = (campaign: CampaignContent, charset: ChannelCharset): Result.Result<Content, ComposeError> => {
  const validity_period = validity(campaign.validity_minutes)
  const options = {
    source_addr_ton: campaign.source_addr_ton,
    source_addr_npi: campaign.source_addr_npi,
    source_addr: campaign.saddr,
    dest_addr_ton: campaign.dest_addr_ton,
    dest_addr_npi: campaign.dest_addr_npi,
    registered_delivery: RECEIPT_ASKED,
    ...(validity_period === undefined ? {} : { validity_period })
  }
  const content = {
    campaignId: campaign.campaign_id,
    fingerprint: campaign.fingerprint,
    onLostAnswer: campaign.on_lost_answer
  }
  const parsed = parse(campaign.text)
  if (parsed.keys.length > 0) {
    const personal = { parsed, charset, mostParts: campaign.segments, options }
    return Result.succeed({ ...content, templates: [], personal })
  }
  return Result.flatMap(templatesOf(campaign.text, charset, options), (templates) =>
    templates.length === campaign.segments
      ? Result.succeed({ ...content, templates, personal: undefined })
      : refuse(`the text has ${templates.length} parts on this channel, and ${campaign.segments} were approved`)
  )
}

/** A text as PDUs, one a part. Fails when it can't be encoded. */
export const templatesOf = (
  text: string,
  charset: ChannelCharset,
  options: SubmitOptions
): Result.Result<ReadonlyArray<SubmitTemplate>, ComposeError> => {
  const encoding = encodingOf(text, charset)
  const segments = split(text, encoding, GREATEST_MAXIMUM_PARTS)
  if (Result.isFailure(segments)) return refuse(segments.failure.message)
  const templates = SubmitTemplate.parts({ ...options, data_coding: dataCoding[encoding] }, segments.success.octets)
  return Result.mapError(templates, ({ message }) => new ComposeError({ message }))
}

/**
 * What joins the parts of one message, of which 8 bits go out. The campaigns of one list, where a number has the same seq
 * each time, differ: 101 is odd, so that it takes 256 lanes until they meet again. Where the seqs differ it is chance, 1 in 256.
 */
export const referenceOf = (laneId: number, seq: number): number => (laneId * 101 + seq) & 0xff

const refuse = (message: string) => Result.fail(new ComposeError({ message }))

const validity = (minutes: number | null): string | undefined =>
  minutes === null ? undefined : relativeTime(minutes * 60_000)
