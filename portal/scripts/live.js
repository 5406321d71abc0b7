/*
 * Live parts: the stream of this window tells them to ask for themselves anew (portal/live). While there is no stream they are told
 * here; when nothing comes any more, a quiet line says since when what is shown is old. A figure that changed glows.
 */
;(() => {
  /** The portal gives a sign of life every 15 s: what is silent for longer is dead. */
  const SILENT_MS = 40_000
  const OLD_MS = 6_000
  const line = () => document.getElementById("live")

  let isStreaming = false
  let isOver = false
  /** What was last asked for did not come. */
  let hasFailed = false
  let heard = Date.now()
  let fresh = Date.now()
  let asked = 0

  const on = (name, act) => document.addEventListener(name, act)
  const hear = () => {
    heard = Date.now()
    if (!hasFailed) fresh = heard
  }
  on("htmx:sse:after:connection", () => {
    isStreaming = true
    hear()
  })
  on("htmx:sse:before:message", hear)
  for (const name of ["htmx:sse:error", "htmx:sse:close", "htmx:sse:before:connection"])
    on(name, () => {
      isStreaming = false
    })
  on("live-over", () => {
    isOver = true
  })
  on("htmx:after:request", ({ detail }) => {
    hasFailed = !(detail.ctx?.response?.status < 500)
    if (!hasFailed) fresh = Date.now()
  })
  on("htmx:error", () => {
    hasFailed = true
  })

  setInterval(() => {
    const shown = line()
    if (shown === null || document.hidden) return
    const now = Date.now()
    const isLost = !isStreaming || now - heard > SILENT_MS
    if (isLost && !isOver && now - asked >= 2_000) {
      asked = now
      htmx.trigger(document.body, "live-all")
    }
    const isOld = isOver || ((isLost || hasFailed) && now - fresh > OLD_MS)
    const time = new Date(fresh).toLocaleTimeString(document.documentElement.lang)
    const text = isOld ? shown.dataset[isOver ? "over" : "lost"].replace("{time}", time) : ""
    if (shown.textContent !== text) shown.textContent = text
  }, 1_000)

  // a figure that changed glows briefly
  const figures = () =>
    new Map([...document.querySelectorAll("[data-figure]")].map((one) => [one.dataset.figure, one.textContent]))
  let before = new Map()
  on("htmx:before:swap", () => {
    before = figures()
  })
  on("htmx:after:swap", ({ detail }) => {
    // its parts were made anew, and may have missed what came meanwhile
    if (detail.ctx?.target === "#content") htmx.trigger(document.body, "live-all")
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return
    for (const one of document.querySelectorAll("[data-figure]")) {
      const was = before.get(one.dataset.figure)
      if (was !== undefined && was !== one.textContent)
        one.animate(
          [
            { backgroundColor: "color-mix(in oklab, currentColor 20%, transparent)" },
            { backgroundColor: "transparent" }
          ],
          900
        )
    }
  })
})()
