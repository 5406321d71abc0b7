/**
 * The portal under readers: people who look at lists and pages, each signed in, at a steady number of pages a second, however slowly they
 * are answered. Is the server's own time what it should be (95 of 100 within 50 ms), and is nothing refused?
 *
 *   k6 run bench/k6/portal.js                      beside npm start
 *   k6 run -e PORTAL=http://host:8080 -e PEOPLE=dana@demo.example,ivan@demo.example -e PASSWORD='countersign demo' \
 *          -e PAGES=50 -e SECONDS=60 bench/k6/portal.js
 *
 * With the big data set (npm run db:big) and an engine that sends it is the figure to believe. Exit code 0; 99 when a threshold is
 * crossed; 107 when nobody answers or signs in. k6 brings its own JavaScript: nothing here is of Node.
 */
import { check, fail } from "k6"
import http from "k6/http"

const portal = (__ENV.PORTAL || "http://localhost:8080").replace(/\/$/, "")
const people = (__ENV.PEOPLE || "dana@demo.example,ivan@demo.example,olga@demo.example").split(",")
const password = __ENV.PASSWORD || "countersign demo"

/** What is looked at, as often as its number says, of one's first workspace; and a campaign of its list. */
const PAGES = [
  { page: "overview", path: "", weight: 3 },
  { page: "campaigns", path: "/campaigns", weight: 4 },
  { page: "search", path: "/campaigns?q=main", weight: 2 },
  { page: "campaign", path: undefined, weight: 4 },
  { page: "moderation", path: "/moderation", weight: 2 },
  { page: "senders", path: "/senders", weight: 1 },
  { page: "audit", path: "/audit", weight: 2 }
]

const thresholds = { checks: ["rate==1"], http_req_failed: ["rate==0"], dropped_iterations: ["count==0"] }
// from the last octet asked to the first one answered, in milliseconds
for (const { page } of PAGES) thresholds[`http_req_waiting{page:${page}}`] = ["p(95)<50"]

export const options = {
  scenarios: {
    look: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.PAGES || 20),
      duration: `${__ENV.SECONDS || 30}s`,
      preAllocatedVUs: 20,
      maxVUs: 200
    }
  },
  // a page is not followed to where it leads: that would be another page's time
  maxRedirects: 0,
  thresholds
}

/** Signs in; gives the session's cookie, a workspace and one of its campaigns. */
const signIn = (email) => {
  const form = { email, password, to: "/" }
  const answer = http.post(`${portal}/sign-in`, form, { headers: { Origin: portal }, tags: { page: "sign-in" } })
  if (answer.status === 0) fail(`${portal} does not answer (${answer.error}): npm start, or say -e PORTAL=http://…`)
  const cookies = answer.cookies.countersign_session
  if (answer.status !== 303 || cookies === undefined)
    fail(`${email} can't sign in (${answer.status}): say -e PEOPLE=… -e PASSWORD=…, of people without a second factor`)
  const cookie = `countersign_session=${cookies[0].value}`
  const home = http.get(`${portal}/`, { headers: { Cookie: cookie }, redirects: 3, tags: { page: "sign-in" } })
  const workspace = (/\/w\/(\d+)/.exec(home.url) || /href="\/w\/(\d+)/.exec(home.body || "") || [])[1]
  if (workspace === undefined) fail(`${email} is in no workspace`)
  const at = `${portal}/w/${workspace}`
  const list = http.get(`${at}/campaigns`, { headers: { Cookie: cookie }, tags: { page: "sign-in" } })
  const campaigns = [...list.body.matchAll(/\/campaigns\/(\d+)"/g)].map((found) => found[1])
  if (campaigns.length === 0) fail(`the workspace of ${email} has no campaign to look at`)
  return { cookie, at, campaigns }
}

export const setup = () => people.map(signIn)

const total = PAGES.reduce((sum, { weight }) => sum + weight, 0)

const anyPage = () => {
  let left = Math.random() * total
  return PAGES.find(({ weight }) => (left -= weight) < 0) || PAGES[0]
}

export default (readers) => {
  const { at, campaigns, cookie } = readers[Math.floor(Math.random() * readers.length)]
  const { page, path } = anyPage()
  const to = path === undefined ? `/campaigns/${campaigns[Math.floor(Math.random() * campaigns.length)]}` : path
  const answer = http.get(`${at}${to}`, { headers: { Cookie: cookie }, tags: { page, name: page }, timeout: "10s" })
  check(answer, {
    "it is a page": ({ status }) => status === 200,
    "it is whole": ({ body }) => (body || "").includes("</html>"),
    "it is kept by nobody": ({ headers }) => headers["Cache-Control"] === "no-store"
  })
}
