import type { Words } from "#portal/words.ts"
import { counting } from "../counted.ts"

const counted = counting("ru")

export const overview: Words["overview"] = {
  title: "Обзор",
  needsYou: "Ждёт вас",
  nothing: "Вас ничто не ждёт",
  nothingHelp: "Здесь появится то, что вам нужно проверить, исправить или запустить.",
  review: "Проверить",
  reviewOf: (author) => `На проверку отправил(а) ${author}`,
  goOn: "Продолжить",
  draftOf: "Ваш черновик",
  start: "Запустить",
  waitsForStart: "Ждёт, пока кто-нибудь нажмёт «Запустить»",
  moreInReview: counted({
    one: "Ещё # рассылка ждёт проверки",
    few: "Ещё # рассылки ждут проверки",
    many: "Ещё # рассылок ждут проверки",
    other: "Ещё # рассылки ждут проверки"
  }),
  running: "Сейчас отправляются",
  noneRunning: "Сейчас ничего не отправляется",
  noneRunningHelp: "Здесь видно, как далеко продвинулись идущие и приостановленные рассылки.",
  of: (delivered, audience) => `доставлено ${delivered} из ${audience}`,
  next: "Далее",
  today: "Сегодня",
  sent: "отправлено",
  delivered: "доставлено",
  failed: "не доставлено",
  campaigns: counted({ one: "# рассылка", few: "# рассылки", many: "# рассылок", other: "# рассылки" }),
  usual: (messages) => `Обычно за день отправляется ${messages}.`,
  noUsual: "Обычного дня пока нет: за четыре недели ничего не отправляли."
}
