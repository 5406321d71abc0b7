/*
 * What the browser does by itself: shortcuts (/ searches, g c goes to campaigns, ? shows them). Everything works without it.
 */
;(() => {
  let before = ""
  const isTyping = (element) => element instanceof Element && element.matches("input, textarea, select, [contenteditable]")

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
