import type { Words } from "#portal/words.ts"
import { counting } from "../counted.ts"

const counted = counting("ru")

export const signIn: Words["signIn"] = {
  title: "Вход",
  demo: "Попробуйте как",
  demoHelp: (password) => `У каждого пароль «${password}».`,
  demoAs: (name) => `Войти как ${name}`,
  email: "Эл. почта",
  password: "Пароль",
  submit: "Войти",
  forgot: "Забыли пароль?",
  expired: "Сеанс завершён. Войдите, чтобы продолжить с того же места.",
  out: "Вы вышли.",
  secondFactor: "Второй фактор",
  secondFactorHelp: "Код из приложения-аутентификатора или один из кодов восстановления.",
  code: "Код",
  confirm: "Подтвердить",
  locked: (seconds) =>
    seconds < 90
      ? counted({
          one: "Попробуйте снова через # секунду.",
          few: "Попробуйте снова через # секунды.",
          other: "Попробуйте снова через # секунд."
        })(seconds)
      : counted({
          one: "Попробуйте снова через # минуту.",
          few: "Попробуйте снова через # минуты.",
          other: "Попробуйте снова через # минут."
        })(Math.ceil(seconds / 60))
}
