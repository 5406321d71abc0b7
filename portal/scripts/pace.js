/*
 * The chart of a campaign's pace, by uPlot: messages a second, with what was planned and what the contract allows. Its colours are the
 * page's own; the same figures stand below it as a table.
 */
;(() => {
  // a page that is put in anew brings this anew
  if (window.drawPace !== undefined) return window.drawPace()

  const AGAIN_MS = 5_000

  const charts = new Map()

  const read = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

  const dataOf = ({ contract, from_ms, messages, planned, step_s }) => {
    const seconds = messages.map((_, i) => from_ms / 1_000 + i * step_s)
    const level = (value) => seconds.map(() => value)
    const levels = [planned, contract].filter((value) => value !== null)
    return [seconds, messages.map((n) => n / step_s), ...levels.map(level)]
  }

  const optionsOf = (place, { contract, planned }) => {
    const ink = read("--foreground")
    const quiet = read("--muted-foreground")
    const grid = { stroke: read("--border"), width: 1 }
    const blue =
      read(document.documentElement.classList.contains("dark") ? "--color-blue-400" : "--color-blue-700") || ink
    const locale = document.documentElement.lang
    const say = (value) => (value == null ? "–" : value.toLocaleString(locale, { maximumFractionDigits: 1 }))
    const plain = { points: { show: false }, value: (_, n) => say(n) }
    const axis = { stroke: quiet, grid, ticks: grid }
    return {
      width: place.clientWidth,
      height: 220,
      scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
      axes: [
        {
          ...axis,
          values: (_, ticks) =>
            ticks.map((at) =>
              new Date(at * 1_000).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
            )
        },
        { ...axis, size: 60, values: (_, ticks) => ticks.map(say) }
      ],
      series: [
        {
          label: place.dataset.from,
          value: (_, at) => (at == null ? "" : new Date(at * 1_000).toLocaleString(locale, { hourCycle: "h23" }))
        },
        { label: place.dataset.sent, stroke: blue, width: 2, paths: uPlot.paths.stepped({ align: 1 }), ...plain },
        ...(planned === null ? [] : [{ label: place.dataset.planned, stroke: ink, dash: [6, 4], ...plain }]),
        ...(contract === null ? [] : [{ label: place.dataset.contract, stroke: quiet, ...plain }])
      ]
    }
  }

  const draw = async (place) => {
    const answer = await fetch(place.dataset.pace).catch(() => undefined)
    if (!answer?.ok || answer.redirected) return
    const figures = await answer.json()
    const data = dataOf(figures)
    const known = charts.get(place)
    if (known !== undefined) return known.setData(data)
    const chart = new uPlot(optionsOf(place, figures), data, place)
    charts.set(place, chart)
  }

  const drawAll = () => {
    for (const [place, chart] of charts)
      if (!place.isConnected) {
        chart.destroy()
        charts.delete(place)
      }
    for (const place of document.querySelectorAll("[data-pace]")) draw(place)
  }

  // a page that was put in anew has a place that was not there
  document.addEventListener("htmx:after:swap", () => {
    if ([...document.querySelectorAll("[data-pace]")].some((place) => !charts.has(place))) drawAll()
  })
  let drawn = Date.now()
  document.addEventListener("live-tick", () => {
    if (Date.now() - drawn < AGAIN_MS) return
    drawn = Date.now()
    drawAll()
  })
  addEventListener("resize", () => {
    for (const [place, chart] of charts) chart.setSize({ width: place.clientWidth, height: 220 })
  })
  window.drawPace = drawAll
  drawAll()
})()
