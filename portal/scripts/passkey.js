/*
 * Passkeys. Approving: a button with data-passkey asks that address what is to be signed, has the person's device sign it, and sends its
 * form with the answer; without it the button sends the form as it is. Adding one: a form with data-enrol asks that address what the
 * device is to make, and sends what it made.
 */
;(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "")

  const signed = async ({ allowCredentials = [], challenge, ...asked }) => {
    const keys = allowCredentials.map((key) => ({ ...key, id: bytes(key.id) }))
    const publicKey = { ...asked, challenge: bytes(challenge), allowCredentials: keys }
    const { id, rawId, response, type } = await navigator.credentials.get({ publicKey })
    return {
      ...{ id, rawId: text(rawId), type },
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle === null ? null : text(response.userHandle)
      }
    }
  }

  /** What is to be told when nothing came of it; undefined: all went well. */
  const sign = async (form, { cancelled, failed, passkey }) => {
    try {
      const answer = await fetch(passkey, { method: "POST" })
      const asked = await answer.json()
      if (!answer.ok) return asked.said
      form.elements.assertion.value = JSON.stringify(await signed(asked))
    } catch (error) {
      return error instanceof DOMException ? cancelled : failed
    }
  }

  const made = async ({ excludeCredentials = [], challenge, user, ...asked }) => {
    const keys = excludeCredentials.map((key) => ({ ...key, id: bytes(key.id) }))
    const person = { ...user, id: bytes(user.id) }
    const publicKey = { ...asked, challenge: bytes(challenge), user: person, excludeCredentials: keys }
    const { id, rawId, response, type } = await navigator.credentials.create({ publicKey })
    return {
      ...{ id, rawId: text(rawId), type },
      response: {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
        transports: response.getTransports()
      }
    }
  }

  /** The same, of a new one. */
  const enrol = async (form) => {
    const { cancelled, enrol, failed, unable } = form.dataset
    if (window.PublicKeyCredential === undefined) return unable
    try {
      const answer = await fetch(enrol, { method: "POST" })
      const asked = await answer.json()
      if (!answer.ok) return asked.said
      form.elements.answer.value = JSON.stringify(await made(asked))
    } catch (error) {
      return error instanceof DOMException ? cancelled : failed
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target
    if (form.dataset.enrol === undefined || form.elements.answer.value !== "") return
    event.preventDefault()
    const said = await enrol(form)
    if (said === undefined) return form.submit()
    form.querySelector("[data-enrol-said]").textContent = said
  })

  document.addEventListener("submit", async (event) => {
    const form = event.target
    const button = event.submitter
    const isSigning = button?.dataset.passkey !== undefined && window.PublicKeyCredential !== undefined
    if (!isSigning || form.elements.assertion.value !== "") return
    event.preventDefault()
    if (form.hasAttribute("aria-busy")) return
    form.setAttribute("aria-busy", "true")
    const said = await sign(form, button.dataset)
    form.removeAttribute("aria-busy")
    if (said === undefined) return form.requestSubmit(button)
    form.querySelector("[data-passkey-said]").textContent = said
    for (const other of form.querySelectorAll("[data-passkey-else]")) other.hidden = false
  })
})()
