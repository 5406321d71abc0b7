/** Sentences whose form goes by a number, by the plural rules of their language (CLDR, as Intl has them). */

/** Forms of a sentence; # stands for the number, grouped. English has one and other; Russian one, few and many, and other for fractions. */
export type Forms = { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

export const counting = (locale: string) => {
  const rules = new Intl.PluralRules(locale)
  const grouped = new Intl.NumberFormat(locale)
  return (forms: Forms) =>
    (n: number): string =>
      (forms[rules.select(n)] ?? forms.other).replaceAll("#", grouped.format(n))
}
