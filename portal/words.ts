/**
 * Every sentence that a person reads, in each language: one catalog, so that a language is a folder. English has the shape; a language
 * that lacks a sentence does not compile. Sentences are whole: what differs by number is said by `counted`, never glued together.
 */
import { en } from "./words/en.ts"
import { ru } from "./words/ru.ts"

export type Words = typeof en

export const languages = { en, ru } satisfies Record<string, Words>
export type Language = keyof typeof languages

export const isLanguage = (text: string | undefined): text is Language =>
  text !== undefined && Object.hasOwn(languages, text)

/** The first language that a browser asks for (Accept-Language, RFC 9110, 12.5.4) and we have; English where there is none. */
export const languageOf = (accepted: string | undefined): Language =>
  (accepted ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";")
      const quality = Number(
        parameters
          .map((p) => p.trim())
          .find((p) => p.startsWith("q="))
          ?.slice(2) ?? 1
      )
      return { tag: tag.split("-")[0]!, quality: Number.isNaN(quality) ? 0 : quality }
    })
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ quality, tag }) => (quality > 0 ? tag : undefined))
    .find(isLanguage) ?? "en"
