import type { Words } from "#portal/words.ts"

export const states: Words["states"] = {
  draft: "Черновик",
  in_review: "На проверке",
  scheduled: "Запланирована",
  sending: "Отправляется",
  paused: "Приостановлена",
  done: "Завершена",
  rejected: "Отклонена",
  cancelled: "Остановлена",
  expired: "Просрочена",
  failed: "Сбой"
}
