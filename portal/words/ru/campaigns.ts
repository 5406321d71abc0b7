import type { Words } from "#portal/words.ts"
import { counting } from "../counted.ts"

const counted = counting("ru")
const { format: grouped } = new Intl.NumberFormat("ru")

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
  mode: "Вид",
  from: "С",
  until: "По",
  any: "Любой",
  anybody: "Кто угодно",
  filters: "Фильтры",
  apply: "Применить",
  without: (filter: string) => `Убрать: ${filter}`,
  sortNewest: "По времени создания, сначала новые",
  sortDay: "По времени отправки, сначала поздние",
  newest: "К первой странице",
  more: "Более ранние рассылки",
  select: (name: string) => `Выбрать «${name}»`,
  selectAll: "Выбрать все на этой странице",
  selected: "С отмеченными:",
  archiveSelected: "В архив…",
  archiveTitle: counted({
    one: "Отправить в архив # рассылку?",
    few: "Отправить в архив # рассылки?",
    other: "Отправить в архив # рассылок?"
  }),
  archiveHelp: "Они уйдут из этого списка в «Архив», откуда каждую можно вернуть. Ничего не удаляется.",
  archiveStops: counted({
    one: "# из них не закончена. Сначала она будет остановлена насовсем: что не ушло, отправлено не будет.",
    few: "# из них не закончены. Сначала они будут остановлены насовсем: что не ушло, отправлено не будет.",
    other: "# из них не закончено. Сначала они будут остановлены насовсем: что не ушло, отправлено не будет."
  }),
  archiveNow: counted({
    one: "В архив # рассылку",
    few: "В архив # рассылки",
    other: "В архив # рассылок"
  }),
  archiveAndStop: (all: number, unfinished: number) =>
    `В архив: ${grouped(all)}, из них остановить: ${grouped(unfinished)}`,
  leave: "Оставить как есть",
  archivedNow: counted({
    one: "# рассылка отправлена в архив.",
    few: "# рассылки отправлены в архив.",
    other: "# рассылок отправлено в архив."
  }),
  refusedTitle: counted({
    one: "# рассылка не отправлена в архив",
    few: "# рассылки не отправлены в архив",
    other: "# рассылок не отправлено в архив"
  }),
  toList: "К списку",
  noneArchived: "В архиве ничего нет",
  noneArchivedHelp: "Ненужные в списке рассылки можно отметить там и отправить в архив. Тогда они будут здесь.",
  none: "Рассылок пока нет",
  noneHelp: "Рассылка — это текст, отправитель и список получателей. Прежде чем она уйдёт, её одобряет кто-то другой.",
  notFound: "Таких рассылок нет",
  notFoundHelp: "Уберите фильтр или поищите другую часть названия.",
  total: counted({ one: "# рассылка", few: "# рассылки", other: "# рассылок" })
}
