/**
 * What the demo's four departments have sent in the last month, what they are about, and what waits: the same every time but for the day
 * it is made on. Campaigns of a department follow one another, oldest first, as its audit tells them.
 */
import type { CampaignState, Content } from "#schema/campaign/Campaigns.ts"

/** Who writes, signs and rules in a department. */
export interface Department {
  readonly name: string
  readonly author: string
  readonly moderator: string
  /** Numbers in its staff list. */
  readonly staff: number
  /** What it sends again and again. */
  readonly usual: ReadonlyArray<readonly [name: string, text: string]>
}

export const DEPARTMENTS: ReadonlyArray<Department> = [
  {
    ...{ name: "IT department", author: "dana@demo.example", moderator: "ivan@demo.example", staff: 140 },
    usual: [
      ["Mail maintenance", "Mail will be slow tonight from 22:00 to 23:30. Please save your work. IT, phone 1515"],
      [
        "VPN certificate",
        "Your VPN certificate runs out on Friday. Renew it at https://intra.example/vpn. IT, phone 1515"
      ],
      ["Printers on floor 3", "Printers on floor 3 are replaced tomorrow morning. Please use floor 2 until noon. IT"]
    ]
  },
  {
    ...{ name: "Human resources", author: "timur@demo.example", moderator: "nadia@demo.example", staff: 160 },
    usual: [
      ["Shift reminder", "Your shift begins tomorrow at 08:00, gate 2. If you can't come, call 2020 before 20:00. HR"],
      ["Напоминание о медосмотре", "Медосмотр завтра с 9:00 до 12:00, кабинет 14. Возьмите пропуск. Отдел кадров"],
      [
        "Vacation plans",
        "Please hand in your vacation plan for next year by Friday: https://intra.example/vacation. HR"
      ]
    ]
  },
  {
    ...{ name: "Finance", author: "farid@demo.example", moderator: "lena@demo.example", staff: 90 },
    usual: [
      ["Advance payment", "Your advance is on your card today. Questions: phone 3030. Finance"],
      [
        "Travel reports",
        "Travel reports for last month are due on Thursday. Later ones are paid a month later. Finance"
      ]
    ]
  },
  {
    ...{ name: "Corporate", author: "kate@demo.example", moderator: "ivan@demo.example", staff: 220 },
    usual: [
      ["Canteen closed", "The canteen is closed tomorrow for cleaning. The cafe in building 2 is open from 11:00."],
      ["Town hall", "Town hall on Wednesday at 15:00, hall A and online: https://intra.example/townhall"],
      [
        "Evacuation exercise",
        "Evacuation exercise today at 11:30. Leave by the nearest exit and wait at your meeting point."
      ]
    ]
  }
]

export interface Planned {
  readonly department: Department
  readonly content: Omit<Content, "senderRevisionId" | "segments">
  readonly segments: number
  readonly why: string
  readonly createdAt: Date
  readonly file: string
  readonly numbers: ReadonlyArray<number>
  /** Of a text with placeholders: a value a number, by column. */
  readonly values?: Readonly<Record<string, ReadonlyArray<string>>>
  readonly state: CampaignState
  /** Of those that don't run to their end: how many numbers have left. */
  readonly left?: number
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** The departments' clocks are five hours ahead of UTC. */
const AHEAD_MS = 5 * 60 * MINUTE_MS

const midnight = (now: Date): number => Math.floor((now.getTime() + AHEAD_MS) / DAY_MS) * DAY_MS - AHEAD_MS

/** A staff list: numbers of this department, the first n of them from a place that moves on. */
const staff = (d: number, n: number, from = 0): ReadonlyArray<number> =>
  Array.from({ length: n }, (_, i) => 998_900_000_000 + d * 1_000_000 + ((from + i) % 400) * 137 + 1_001)

/** One every third day, each department on days of its own, in office hours. */
const month = (now: Date): ReadonlyArray<Planned> =>
  DEPARTMENTS.flatMap((department, d) =>
    Array.from({ length: 10 }, (_, n): Planned => {
      const daysAgo = 30 - 3 * n - (d % 3)
      const [name, text] = department.usual[n % department.usual.length]!
      const createdAt = new Date(midnight(now) - daysAgo * DAY_MS + (9 * 60 + ((n * 37 + d * 53) % 400)) * MINUTE_MS)
      const size = department.staff - ((n * 29 + d * 11) % 60)
      const stopped = n === 6 && d === 3
      return {
        ...{ department, createdAt, why: "As every time.", file: "staff.csv", numbers: staff(d, size, n * 7) },
        ...(stopped ? { state: "cancelled", left: 60 } : { state: "done" }),
        content: { name: `${name} ${dayAndMonth(createdAt)}`, text },
        segments: /[а-я]/i.test(text) ? 2 : 1
      }
    })
  )

const dayAndMonth = (at: Date): string =>
  new Date(at.getTime() + AHEAD_MS).toISOString().slice(5, 10).split("-").reverse().join(".")

const NAMES = ["Аня", "Muhammad-Yusuf", "Dilnoza", "Ивáн", "Kate", "Шахзод", "Olim", "Лола"]

/** What is under way, or came to another end: of today and the last days. */
const current = (now: Date): ReadonlyArray<Planned> => {
  const [it, hr, finance, corporate] = DEPARTMENTS as [Department, Department, Department, Department]
  const ago = (minutes: number) => new Date(now.getTime() - minutes * MINUTE_MS)
  const one = (
    department: Department,
    state: CampaignState,
    minutesAgo: number,
    content: Planned["content"],
    more: Partial<Planned> = {}
  ): Planned => {
    const d = DEPARTMENTS.indexOf(department)
    const plain = {
      why: "Agreed with the head of the department.",
      file: "staff.csv",
      numbers: staff(d, department.staff)
    }
    return { department, state, content, segments: 1, createdAt: ago(minutesAgo), ...plain, ...more }
  }
  const pay = staff(2, 48)
  const tomorrow = new Date(midnight(now) + DAY_MS + 18 * 60 * MINUTE_MS)
  return [
    one(corporate, "expired", 1_300, {
      name: "Summer party",
      text: "Summer party on Saturday in the garden, from 16:00."
    }),
    one(hr, "rejected", 1_250, { name: "Survey", text: "Tell us what you think: http://bit.example/3kQ" }),
    one(
      it,
      "failed",
      1_200,
      { name: "Wi-Fi in building 4", text: "Wi-Fi in building 4 is off until noon. IT, phone 1515" },
      { left: 50 }
    ),
    one(
      it,
      "sending",
      20 * 24 * 60,
      {
        ...{ name: "One-time codes", text: "Your code", mode: "trigger" },
        endsAt: new Date(now.getTime() + 90 * DAY_MS)
      },
      { numbers: [] }
    ),
    one(
      hr,
      "paused",
      190,
      {
        name: "Blood donors' day",
        text: "Blood donors' day on Thursday, 9:00 to 13:00, building 1. Breakfast is served. HR"
      },
      { left: 70 }
    ),
    one(
      finance,
      "in_review",
      150,
      { name: "Payslips are ready", text: "((name)), your payslip is ready. Paid to your card: ((amount)) sum." },
      {
        ...{ file: "payroll.csv", numbers: pay, why: "Monthly payslips; the amounts were checked by accounting." },
        values: {
          name: pay.map((_, i) => NAMES[i % NAMES.length]!),
          amount: pay.map((_, i) => `${4 + (i % 9)} ${100 + ((i * 37) % 900)} 000`)
        },
        segments: 2
      }
    ),
    one(hr, "in_review", 100, {
      ...{ name: "Night shift on Sunday", text: "The night shift on Sunday begins at 21:00 instead of 22:00. HR" }
    }),
    one(corporate, "scheduled", 90, {
      ...{ name: "Water is off on Saturday", text: "Water is off in all buildings on Saturday from 8:00 to 14:00." },
      ...{ mode: "scheduled", startsAt: tomorrow }
    }),
    one(corporate, "draft", 30, {
      name: "New badges",
      text: "New badges are handed out at the reception from Monday on."
    }),
    one(finance, "draft", 45, {
      name: "Bank holidays",
      text: "Payments stop over the bank holidays, from Friday to Tuesday."
    }),
    one(it, "in_review", 40, {
      ...{ name: "Password change", text: "Please change your password by Friday: https://intra.example/password. IT" }
    }),
    // left for the engine, which sends it while one looks
    one(
      it,
      "scheduled",
      20,
      {
        ...{ name: "Planned maintenance tonight", mode: "spread", spreadMinutes: 45 },
        text: "Planned maintenance tonight 22:00-02:00. Mail and VPN will not work. Please save your work. IT, phone 1515"
      },
      { numbers: staff(4, 400).concat(staff(5, 400), staff(6, 100)), why: "The core switch in building 4 is replaced." }
    )
  ]
}

/** All of it, in the order in which it is made: no department's act comes before one that it made earlier. */
export const plan = (now: Date): ReadonlyArray<Planned> =>
  [...month(now), ...current(now)].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
