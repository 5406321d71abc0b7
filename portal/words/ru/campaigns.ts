import type { Words } from "#portal/words.ts"
import { counting } from "../counted.ts"

const counted = counting("ru")

export const campaigns: Words["campaigns"] = {
  title: "Рассылки",
  name: "Название",
  state: "Состояние",
  sender: "Отправитель",
  author: "Автор",
  when: "Когда",
  recipients: "Получатели",
  delivered: "Доставлено",
  search: "Поиск по названию",
  all: "Все",
  archived: "Архив",
  more: "Более ранние рассылки",
  none: "Рассылок пока нет",
  noneHelp: "Рассылка — это текст, отправитель и список получателей. Прежде чем она уйдёт, её одобряет кто-то другой.",
  notFound: "Таких рассылок нет",
  notFoundHelp: "Уберите фильтр или поищите другую часть названия.",
  total: counted({ one: "# рассылка", few: "# рассылки", other: "# рассылок" })
}
