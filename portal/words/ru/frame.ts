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
  settings: "Настройки",
  signOut: "Выйти",
  workspaces: "Пространства",
  choose: "Выберите пространство",
  none: "Вы пока не состоите ни в одном пространстве",
  noneHelp: "Попросите администратора пригласить вас.",
  shortcuts: "Сочетания клавиш",
  close: "Закрыть",
  menu: "Меню",
  master: "Master",
  archive: "Пространства в архиве"
}
