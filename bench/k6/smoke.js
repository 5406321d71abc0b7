/**
 * Smoke: is a running engine watched as it should be, while it sends? It is scraped and probed far more often than Prometheus and
 * a health check would; everything is answered, quickly; it is ready; its counters only grow, and something was submitted.
 *
 *   k6 run bench/k6/smoke.js                       beside npm start and npm run send, or beside any engine
 *   k6 run -e ENGINE=http://host:9464 -e SECONDS=60 bench/k6/smoke.js
 *
 * Exit code 0; 99 when a threshold is crossed; 107 when nobody answers. k6 brings its own JavaScript: nothing here is of Node.
 */
import { check, fail } from "k6"
import http from "k6/http"
import { Gauge } from "k6/metrics"

const engine = (__ENV.ENGINE || "http://127.0.0.1:9464").replace(/\/$/, "")
const duration = `${__ENV.SECONDS || 15}s`

/** Message parts that left between the beginning and the last scrape. */
const submitted = new Gauge("submitted_meanwhile")
const accepted = new Gauge("accepted_meanwhile")

const SUBMITTED = "countersign_channel_submitted_messages_total"
const ANSWERS = "countersign_channel_answers_total"

export const options = {
  scenarios: {
    scrape: { executor: "constant-arrival-rate", exec: "scrape", rate: 5, duration, preAllocatedVUs: 2 },
    probe: { executor: "constant-arrival-rate", exec: "probe", rate: 10, duration, preAllocatedVUs: 2 }
  },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    // a scrape holds the event loop up, and with it every message: in milliseconds
    "http_req_duration{page:metrics}": ["p(95)<200", "max<1000"],
    "http_req_duration{page:ready}": ["p(95)<100"],
    "http_req_duration{page:live}": ["p(95)<100"],
    dropped_iterations: ["count==0"],
    submitted_meanwhile: ["value>0"],
    accepted_meanwhile: ["value>0"]
  }
}

const get = (page) => http.get(`${engine}/${page}`, { tags: { page }, timeout: "5s" })

/**
 * Every counter's value by its series, name and labels.
 * @param {string} text in Prometheus' format
 * @returns {Map<string, number>}
 */
const countersIn = (text) => {
  const counters = new Map()
  let isCounter = false
  for (const line of text.split("\n")) {
    if (line.startsWith("# TYPE ")) isCounter = line.endsWith(" counter")
    else if (isCounter && line !== "" && line[0] !== "#") {
      const at = line.lastIndexOf(" ")
      counters.set(line.slice(0, at), Number(line.slice(at + 1)))
    }
  }
  return counters
}

/** Of all series of a metric, with this in its labels: the sum. */
const sum = (counters, name, label = "") => {
  let n = 0
  for (const [series, value] of counters) if (series.startsWith(name) && series.includes(label)) n += value
  return n
}

const left = (counters) => sum(counters, SUBMITTED)
const taken = (counters) => sum(counters, ANSWERS, 'answer="accepted"')

export const setup = () => {
  const { body, error, status } = get("metrics")
  if (status !== 200) fail(`${engine}/metrics answers ${status || error}: start an engine first (npm start), or say -e ENGINE=http://…`)
  const counters = countersIn(body)
  return { left: left(counters), taken: taken(counters) }
}

/** What this virtual user saw last. */
let before = new Map()

export const scrape = (began) => {
  const answer = get("metrics")
  const is = check(answer, {
    "metrics are answered 200": ({ status }) => status === 200,
    "they are Prometheus' text": ({ headers }) => (headers["Content-Type"] || "").startsWith("text/plain; version=0.0.4")
  })
  if (!is) return
  const counters = countersIn(answer.body)
  check(counters, {
    "there are counters": (now) => now.size > 10,
    "no counter falls": (now) => [...before].every(([series, value]) => !now.has(series) || now.get(series) >= value),
    "no more is answered than was submitted": (now) => sum(now, ANSWERS) <= left(now)
  })
  before = counters
  submitted.add(left(counters) - began.left)
  accepted.add(taken(counters) - began.taken)
}

export const probe = () => {
  check(get("live"), { "it is live": ({ status }) => status === 200 })
  const ready = get("ready")
  if (!check(ready, { "it is ready": ({ status }) => status === 200 })) console.error(`not ready: ${ready.body}`)
}
