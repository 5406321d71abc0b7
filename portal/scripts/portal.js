/*
 * What the browser does by itself: shortcuts (/ searches, g c goes to campaigns, ? shows them). Everything works without it.
 */
;(() => {
  // times are shown by the reader's clock: the zone goes with every request from the next on
  // biome-ignore lint/suspicious/noDocumentCookie: no other way without a promise
  document.cookie = `countersign_zone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}; path=/; max-age=31536000; samesite=lax`

  let before = ""
  const isTyping = (element) =>
    element instanceof Element && element.matches("input, textarea, select, [contenteditable]")

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const keys = before === "g" ? `g ${event.key}` : event.key
    before = event.key
    const target = document.querySelector(`[data-keys="${CSS.escape(keys)}"]`)
    if (target === null) return
    event.preventDefault()
    if (target instanceof HTMLInputElement) target.focus()
    else target.click()
  })
})()
