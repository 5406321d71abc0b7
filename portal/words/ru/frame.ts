import type { Words } from "#portal/words.ts"

export const frame: Words["frame"] = {
  product: "Countersign",
  demo: "Демо: ничего не уходит с этого компьютера, а пароли известны всем.",
  skip: "К содержанию",
  overview: "Обзор",
  campaigns: "Рассылки",
  moderation: "Модерация",
  senders: "Отправители",
  presets: "Общие имена",
  numbers: "Номера",
  audit: "Журнал",
  members: "Участники",
  signOut: "Выйти",
  workspaces: "Пространства",
  choose: "Выберите пространство",
  none: "Вы пока не состоите ни в одном пространстве. Попросите администратора пригласить вас.",
  shortcuts: "Сочетания клавиш",
  readOnly: "Master · только чтение"
}
