import type { Words } from "#portal/words.ts"
import { counting } from "../counted.ts"

const counted = counting("ru")

export const campaign: Words["campaign"] = {
  parts: "Об этой рассылке",
  overview: "Обзор",
  numbers: "Номера",
  history: "История",
  ledger: "Ход рассылки",
  submitted: (left, audience) => `отправлено ${left} из ${audience}`,
  pace: (perSecond) => `около ${perSecond} в секунду`,
  doneAbout: "завершится примерно",
  late: counted({
    one: "# номер не успеет получить сообщение до её конца",
    few: "# номера не успеют получить сообщение до её конца",
    many: "# номеров не успеют получить сообщение до её конца",
    other: "# номера не успеют получить сообщение до её конца"
  }),
  adds: (audience) => `= ${audience}, всё сходится`,
  addsNot: (audience) => `В сумме получается не ${audience}. Сообщите тем, кто обслуживает Countersign.`,
  none: "Номеров пока нет.",
  kinds: {
    delivered: "доставлено",
    moving: "в пути",
    undelivered: "не доставлено",
    rejected: "отклонено",
    unknown: "неизвестно",
    expired: "просрочено",
    suppressed: "в стоп-листе",
    cancelled: "не отправлено",
    waiting: "ожидает"
  },
  failed: "Произошёл сбой:",
  rests: "Её ежедневное окно закрыто. Она продолжится сама",
  acts: {
    submit: "Отправить на проверку",
    revise: "Вернуть в черновики",
    start: "Запустить сейчас",
    pause: "Приостановить",
    resume: "Продолжить",
    stop: "Остановить",
    archive: "В архив",
    restore: "Вернуть из архива"
  },
  why: "Зачем она нужна",
  whyHelp: "Это прочтёт тот, кто её одобряет.",
  stopTitle: "Остановить насовсем?",
  stopNow: "Остановить сейчас",
  stopUnsent: counted({
    one: "Ничего ещё не отправлено. # номер ничего не получит.",
    few: "Ничего ещё не отправлено. # номера ничего не получат.",
    many: "Ничего ещё не отправлено. # номеров ничего не получат.",
    other: "Ничего ещё не отправлено. # номера ничего не получат."
  }),
  stopSent: (left, audience, rest) =>
    `Уже отправлено ${left} из ${audience}; остальные ${rest} отправлены не будут. Запустить её снова нельзя.`,
  mayNot: "Это может сделать администратор, модератор или её автор.",
  review: "Проверить",
  number: "Номер",
  outcome: "Результат",
  at: "Отправлено",
  operator: "Номер у оператора",
  tries: "Попыток",
  list: "Список",
  moreNumbers: "Следующие 100",
  firstNumbers: "С начала",
  noNumbers: "Здесь пока нет номеров",
  noNumbersHelp: "Они появятся, когда будет загружен файл или когда рассылку начнут пополнять."
}
