import type { Words } from "#portal/words.ts"

export const live: Words["live"] = {
  lost: "Связь потеряна. Данные на {time}.",
  over: "Ваш сеанс завершён. Данные на {time}; чтобы продолжить, загрузите страницу заново."
}
