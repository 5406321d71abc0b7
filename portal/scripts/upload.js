/*
 * A form with data-upload sends its file in pieces, one after the other, and goes on where it was after a lost connection. How far it is
 * is asked from the portal, as in any other window. Without this the form is sent as it is.
 */
;(() => {
  const MOST = 8 * 1024 * 1024
  const LEAST = 128 * 1024
  /** How long a piece should take: long enough to be worth a request, short enough to lose little. */
  const PIECE_MS = 1_500
  const WAIT_MS = [1_000, 2_000, 4_000, 8_000, 15_000]
  /** One that is not answered for so long is lost: what is taken slowly is still taken. */
  const ANSWER_MS = 120_000

  /** The upload of this window. */
  let sending

  const hint = (event) => event.preventDefault()

  const show = (form) => htmx.ajax("GET", `${form.dataset.upload}/progress`, { target: "#upload", swap: "outerHTML" })

  const wait = (ms, signal) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms)
      signal.addEventListener("abort", resolve)
      // a network that is back is not waited for
      window.addEventListener("online", resolve, { once: true })
    })

  /** Sends one piece; gives its answer, or undefined when there was none worth having. */
  const put = async (address, body, signal) => {
    try {
      const answer = await fetch(address, {
        method: "PUT",
        body,
        headers: { "Content-Type": "application/octet-stream" },
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
      })
      if (answer.type === "opaqueredirect") return { isSignedOut: true }
      if (answer.status >= 500) return undefined
      return { ...(await answer.json()), isTaken: answer.ok }
    } catch {
      return undefined
    }
  }

  /** What is to be told when nothing came of it; undefined: all of it was taken, or it was cancelled. */
  const send = async (form, file, say, { signal }) => {
    const { lost, signedOut, upload } = form.dataset
    const about = { name: file.name, size: file.size, modified: file.lastModified }
    const column = form.elements.column?.value ?? ""
    let offset = 0
    let size = LEAST * 4
    let failures = 0
    let isShown = false
    while (!signal.aborted) {
      const piece = file.slice(offset, offset + size)
      const query = new URLSearchParams({ ...about, column, offset })
      const began = performance.now()
      const answer = await put(`${upload}/pieces?${query}`, piece, signal)
      if (signal.aborted) return undefined
      if (answer?.isSignedOut) return signedOut
      if (answer === undefined || (answer.said === undefined && answer.offset === offset && piece.size > 0)) {
        say(lost)
        size = Math.max(LEAST, size / 4)
        await wait(WAIT_MS[Math.min(failures++, WAIT_MS.length - 1)], signal)
        continue
      }
      if (answer.said !== undefined) return answer.said
      say("")
      failures = 0
      if (!isShown) show(form)
      isShown = true
      offset = answer.offset
      if (answer.isTaken && offset === file.size) return undefined
      if (answer.isTaken) {
        const pace = piece.size / Math.max(1, performance.now() - began)
        size = Math.round(Math.min(MOST, Math.max(LEAST, pace * PIECE_MS)))
      }
    }
    return undefined
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target
    if (form.hasAttribute("data-upload-cancel")) {
      sending?.abort()
      window.removeEventListener("beforeunload", hint)
      return
    }
    const file = form.dataset.upload === undefined ? undefined : form.elements.file.files[0]
    if (file === undefined) return
    event.preventDefault()
    if (sending !== undefined) return
    const said = document.querySelector("[data-upload-said]")
    const say = (text) => {
      said.textContent = text
      said.hidden = text === ""
    }
    say("")
    if (file.size > Number(form.dataset.most)) return say(form.dataset.tooLarge)
    sending = new AbortController()
    form.hidden = true
    window.addEventListener("beforeunload", hint)
    const wrong = await send(form, file, say, sending)
    window.removeEventListener("beforeunload", hint)
    sending = undefined
    if (wrong !== undefined) {
      form.hidden = false
      say(wrong)
    }
    show(form)
  })

  // the last lines may show that it is no list of numbers: then another is chosen
  document.addEventListener("htmx:after:swap", () => {
    if (document.querySelector('#upload[data-state="failed"]') === null || sending !== undefined) return
    for (const form of document.querySelectorAll("form[data-upload]")) form.hidden = false
    for (const said of document.querySelectorAll("[data-upload-said]")) said.hidden = true
  })
})()
