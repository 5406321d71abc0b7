/*
 * What the browser does by itself: shortcuts (/ searches, g c goes to campaigns, ? shows them), and ticking all of a list. Everything
 * works without it.
 */
;(() => {
  // times are shown by the reader's clock: the zone goes with every request from the next on
  // biome-ignore lint/suspicious/noDocumentCookie: no other way without a promise
  document.cookie = `countersign_zone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}; path=/; max-age=31536000; samesite=lax`

  // so does what the system prefers; the first page, which was made without knowing, is changed here
  const night = matchMedia("(prefers-color-scheme: dark)")
  const dress = () => {
    const scheme = night.matches ? "dark" : "light"
    // biome-ignore lint/suspicious/noDocumentCookie: as above
    document.cookie = `countersign_scheme=${scheme}; path=/; max-age=31536000; samesite=lax`
    if (/(^|; )countersign_theme=/.test(document.cookie)) return
    document.documentElement.dataset.theme = scheme
    document.documentElement.classList.toggle("dark", night.matches)
    document.querySelector("meta[name=color-scheme]").content = scheme
  }
  dress()
  night.addEventListener("change", dress)

  /** After this long a g is forgotten. */
  const PAUSE_MS = 1500
  let before = { key: "", at: 0 }

  const isTyping = (element) =>
    element instanceof Element &&
    (element.matches("textarea, select") ||
      element.closest("[contenteditable]") !== null ||
      element.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button])"))

  const ofKeys = (keys) => document.querySelector(`[data-keys="${CSS.escape(keys)}"]`)

  /** As it stands on the key where the letters are not Latin ones: с is where c is. */
  const latin = ({ code, key, shiftKey }) => {
    if (/^[\x20-\x7e]$/.test(key)) return key
    if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase()
    return { Slash: shiftKey ? "?" : "/", Comma: "," }[code] ?? key
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (document.querySelector("dialog[open]") !== null) return
    // Shift alone is on the way to ?
    if (event.key === "Shift") return
    const key = latin(event)
    const isSecond = before.key === "g" && event.timeStamp - before.at < PAUSE_MS
    before = { key: isSecond ? "" : key, at: event.timeStamp }
    const target = ofKeys(isSecond ? `g ${key}` : key)
    if (target === null) return
    event.preventDefault()
    if (target instanceof HTMLInputElement) target.focus()
    else target.click()
  })

  const said = (element) =>
    element.getAttribute("aria-label") ??
    [...element.childNodes].find(({ nodeType }) => nodeType === 3)?.data.trim() ??
    ""

  const shown = (dialog) => {
    const all = [...document.querySelectorAll("[data-keys]")].filter((element) => said(element) !== "")
    const rows = all.flatMap((element) => {
      const [key, what] = [document.createElement("dt"), document.createElement("dd")]
      key.textContent = element.dataset.keys
      what.textContent = said(element)
      return [key, what]
    })
    dialog.querySelector("dl").replaceChildren(...rows)
    dialog.showModal()
  }

  for (const opener of document.querySelectorAll("[data-opens]")) opener.hidden = false
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element ? event.target.closest("[data-opens]") : null
    if (opener !== null) shown(document.getElementById(opener.dataset.opens))
  })

  // all of a page's boxes at once
  const boxes = (all) => [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all.dataset.ticks)}"]`)]
  const ready = () => {
    for (const all of document.querySelectorAll("[data-ticks]")) {
      const own = boxes(all)
      all.hidden = own.length === 0
      all.checked = own.length > 0 && own.every(({ checked }) => checked)
    }
  }
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.type !== "checkbox") return
    if (target.dataset.ticks !== undefined) for (const box of boxes(target)) box.checked = target.checked
    ready()
  })
  // a list that has asked for itself anew
  document.addEventListener("htmx:after:swap", ready)
  ready()
})()
