/**
 * Histories that once broke a promise, as small as they could be made, each with what was wrong. They are lived at every test.
 */
import type { Plan } from "./plan.ts"

export const onceBroken: ReadonlyArray<{ readonly why: string; readonly plan: Plan }> = [
  {
    why: "A ceiling of which nobody had asked for ten seconds was forgotten with what had just left below it.",
    plan: {
      seed: 0,
      beginsMs: 1806186600000,
      spanMs: 216000000,
      engines: 1,
      flushMs: 100,
      losesReceipts: true,
      unheard: 0,
      workspaces: [{ zone: "UTC", perSecond: null, perDay: null }],
      channels: [{ engine: 0, perSecond: 8, windowSize: 2, answersInMs: 5, receiptsInMs: 20 }],
      campaigns: [
        {
          workspace: 0,
          channels: [1],
          mode: "on_demand",
          recipients: 10,
          segments: 2,
          resend: false,
          startsAutomatically: true,
          startsInMs: 256,
          lastsMs: 10800000,
          inMinutes: false,
          window: null,
          perSecond: 1
        },
        {
          workspace: 0,
          channels: [0],
          mode: "spread",
          recipients: 1,
          segments: 2,
          resend: false,
          startsAutomatically: true,
          startsInMs: null,
          lastsMs: null,
          inMinutes: false,
          window: null,
          perSecond: null
        },
        {
          workspace: 0,
          channels: [0],
          mode: "on_demand",
          recipients: 1,
          segments: 1,
          resend: false,
          startsAutomatically: true,
          startsInMs: 16380,
          lastsMs: 10800000,
          inMinutes: false,
          window: { opensIn: 0, minutes: 30, zone: "UTC" },
          perSecond: null
        }
      ],
      happenings: []
    }
  },
  {
    why: "The same of a workspace's ceiling, across a night with its windows closed.",
    plan: {
      seed: 0,
      beginsMs: 1806186600000,
      spanMs: 216000000,
      engines: 1,
      flushMs: 100,
      losesReceipts: false,
      unheard: 0,
      workspaces: [{ zone: "UTC", perSecond: 1, perDay: null }],
      channels: [{ engine: 0, perSecond: 8, windowSize: 2, answersInMs: 5, receiptsInMs: 20 }],
      campaigns: [
        {
          workspace: 0,
          channels: [1],
          mode: "on_demand",
          recipients: 6,
          segments: 2,
          resend: false,
          startsAutomatically: true,
          startsInMs: 0,
          lastsMs: null,
          inMinutes: false,
          window: { opensIn: -30, minutes: 30, zone: "UTC" },
          perSecond: null
        },
        {
          workspace: 0,
          channels: [1],
          mode: "on_demand",
          recipients: 4,
          segments: 3,
          resend: false,
          startsAutomatically: true,
          startsInMs: null,
          lastsMs: 12608968,
          inMinutes: false,
          window: { opensIn: 210, minutes: 30, zone: "UTC" },
          perSecond: null
        }
      ],
      happenings: [{ atMs: 0, what: { is: "crash", of: 0, forMs: 3348 } }]
    }
  },
  {
    why: "The fifth message of a day of four was handed out for the next day, a fraction of a microsecond before its midnight.",
    plan: {
      seed: 0,
      beginsMs: 1806186600000,
      spanMs: 216000000,
      engines: 1,
      flushMs: 100,
      losesReceipts: false,
      unheard: 0,
      workspaces: [{ zone: "UTC", perSecond: null, perDay: 4 }],
      channels: [{ engine: 0, perSecond: 8, windowSize: 2, answersInMs: 5, receiptsInMs: 20 }],
      campaigns: [
        {
          workspace: 0,
          channels: [1],
          mode: "on_demand",
          recipients: 5,
          segments: 1,
          resend: false,
          startsAutomatically: true,
          startsInMs: 0,
          lastsMs: null,
          inMinutes: false,
          window: null,
          perSecond: 1
        }
      ],
      happenings: []
    }
  },
  {
    why: "What had been claimed before a ceiling was set left as if there was none: the operator was slow, and it lay there for seconds.",
    plan: {
      seed: 0,
      beginsMs: 1806186600000,
      spanMs: 20000,
      engines: 1,
      flushMs: 100,
      losesReceipts: false,
      unheard: 0,
      workspaces: [{ zone: "UTC", perSecond: null, perDay: null }],
      channels: [{ engine: 0, perSecond: null, windowSize: 2, answersInMs: 300, receiptsInMs: 20 }],
      campaigns: [
        {
          workspace: 0,
          channels: [1],
          mode: "on_demand",
          recipients: 1,
          segments: 1,
          resend: false,
          startsAutomatically: true,
          startsInMs: 0,
          lastsMs: 1000,
          inMinutes: false,
          window: null,
          perSecond: 3
        },
        {
          workspace: 0,
          channels: [1],
          mode: "on_demand",
          recipients: 6,
          segments: 1,
          resend: false,
          startsAutomatically: true,
          startsInMs: null,
          lastsMs: null,
          inMinutes: false,
          window: null,
          perSecond: null
        },
        {
          workspace: 0,
          channels: [1],
          mode: "on_demand",
          recipients: 2,
          segments: 1,
          resend: false,
          startsAutomatically: true,
          startsInMs: null,
          lastsMs: 1000,
          inMinutes: false,
          window: null,
          perSecond: 3
        }
      ],
      happenings: [{ atMs: 52, what: { is: "slow", of: 1, perSecond: 3 } }]
    }
  },
  {
    why: "What the operator had refused before a ceiling was set was sent again as if there was none.",
    plan: {
      seed: 0,
      beginsMs: 1806186600000,
      spanMs: 20000,
      engines: 1,
      flushMs: 100,
      losesReceipts: false,
      unheard: 0,
      workspaces: [{ zone: "UTC", perSecond: null, perDay: 4 }],
      channels: [
        { engine: 0, perSecond: 1000, windowSize: 2, answersInMs: 5, receiptsInMs: 20 },
        { engine: 0, perSecond: 8, windowSize: 2, answersInMs: 5, receiptsInMs: 20 }
      ],
      campaigns: [
        {
          workspace: 0,
          channels: [0, 1],
          mode: "scheduled",
          recipients: 7,
          segments: 2,
          resend: false,
          startsAutomatically: true,
          startsInMs: null,
          lastsMs: null,
          inMinutes: false,
          window: null,
          perSecond: null
        }
      ],
      happenings: [
        { atMs: 306, what: { is: "failing", of: 0, forMs: 2708 } },
        { atMs: 4630, what: { is: "limits", of: 0, perSecond: 3, perDay: null } }
      ]
    }
  },
  {
    why: "The last part of a slow message left when the door thought that all of it had, and others had its place.",
    plan: {
      seed: 0,
      beginsMs: 1806186600000,
      spanMs: 20000,
      engines: 1,
      flushMs: 100,
      losesReceipts: false,
      unheard: 0,
      workspaces: [{ zone: "UTC", perSecond: 3, perDay: null }],
      channels: [{ engine: 0, perSecond: 8, windowSize: 2, answersInMs: 5, receiptsInMs: 20 }],
      campaigns: [
        {
          workspace: 0,
          channels: [0],
          mode: "on_demand",
          recipients: 2,
          segments: 2,
          resend: false,
          startsAutomatically: true,
          startsInMs: 45,
          lastsMs: 1681,
          inMinutes: false,
          window: null,
          perSecond: 3
        },
        {
          workspace: 0,
          channels: [1],
          mode: "spread",
          recipients: 3,
          segments: 3,
          resend: false,
          startsAutomatically: true,
          startsInMs: 0,
          lastsMs: 6126,
          inMinutes: false,
          window: null,
          perSecond: null
        }
      ],
      happenings: []
    }
  }
]
