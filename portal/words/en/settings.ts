import { counting } from "../counted.ts"

const counted = counting("en")

export const settings = {
  title: "Settings",
  readOnly: "Only an admin of this workspace can change its settings.",
  save: "Save",
  saved: "Saved. It holds from now on:",
  nothing: "Nothing was changed.",
  change: "{field}: {before} → {after}",
  history: "Who changed what, and when",
  none: "none",
  forEver: "for ever",
  yes: "yes",
  no: "no",
  notNumber: "Enter a whole number, or leave it empty.",
  confirm: "This makes it weaker",
  confirmNow: "Save it all the same",
  back: "Leave it as it is",

  sections: {
    workspace: "The workspace",
    approvals: "Approvals",
    "sign-in": "Signing in and joining",
    limits: "Limits",
    retention: "How long things are kept"
  },
  sectionsHelp: {
    workspace: "Its name stands on every page.",
    approvals: "How many people have to approve a campaign before it goes out. Nobody approves what they wrote.",
    "sign-in": "What this workspace asks of who acts in it, and who may ask to join.",
    limits: "Ceilings over all campaigns of the workspace together. What is beyond them waits.",
    retention: "What is over its time is erased for good. A shorter time takes effect 30 days after it was set."
  },
  fields: {
    name: "Name",
    country: "Country",
    time_zone: "Time zone",
    approvals_needed: "Approvals needed",
    large_from_recipients: "A campaign is large from this many recipients on",
    large_approvals_needed: "Approvals needed for a large campaign",
    require_signed_approvals: "Approvals are signed with a passkey",
    require_second_factor: "Everybody signs in with a second factor",
    open_to_requests: "People may ask to join",
    per_second: "Messages a second",
    per_day: "Messages a day",
    keep_content_months: "Numbers and texts, in months",
    keep_audit_months: "The audit, in months"
  },
  help: {
    name: "Only a super admin can change it.",
    country: "As whose people write their phone numbers without a country code.",
    time_zone: "In which campaigns are scheduled and days begin, such as Asia/Tashkent.",
    approvals_needed: "For every campaign that is submitted from now on.",
    large_from_recipients: "Empty: no campaign is large.",
    large_approvals_needed: "At least as many as for any other.",
    require_signed_approvals: "Whoever approves needs a passkey; each signature can be checked by anybody, offline.",
    require_second_factor: "Who has none can't act here until they have set one up.",
    open_to_requests:
      "Anybody who has signed in and knows its name; an admin decides. If not, it does not exist for them.",
    per_second: "Empty: no ceiling.",
    per_day: "Empty: no ceiling. The day begins at midnight of the workspace's time zone.",
    keep_content_months: "After their campaign has ended. Empty: for ever. Counts and proofs stay.",
    keep_audit_months: "At least 12. Empty: for ever."
  },
  usedToday: "{used} of {most} are used today.",
  heldUntil: "It was shortened: until {until}, numbers and texts are still kept {content}, and the audit {audit}.",
  months: counted({ one: "for # month", other: "for # months" }),

  weaker: {
    approvals_needed: "Fewer people have to look at a campaign before it goes out.",
    large: "Large campaigns need fewer approvals, or fewer campaigns count as large.",
    require_signed_approvals: "Approvals are no longer signed: nobody can prove offline who gave them.",
    require_second_factor: "A password alone is enough to act here.",
    limits: "More can be sent at once, or in a day.",
    keep_content_months:
      "Numbers and texts that are older are erased for good, 30 days from now. Set it longer before then to keep them.",
    keep_audit_months:
      "The audit before that is erased for good, 30 days from now. Set it longer before then to keep it."
  },

  stopList: {
    title: "Stop list",
    about: "Numbers that nothing is sent to, whatever campaign they are in: also one that is being sent.",
    manage: "See and change the stop list",
    onIt: counted({ one: "# number is on it.", other: "# numbers are on it." }),
    list: "On the list",
    newest: counted({ one: "Only the newest is shown.", other: "Only the newest # are shown." }),
    number: "Number",
    cause: "Why",
    since: "Since",
    none: "The stop list is empty",
    noneHelp: "Add numbers of people who asked to be left alone. Nothing is sent to them from then on.",
    find: "Look for a number",
    findHelp: "Numbers are shown masked. That you looked, and for which number, is kept in the audit.",
    findNow: "Look",
    found: "{number} is on the stop list since {when}:",
    notFound: "{number} is not on the stop list.",
    add: "Add numbers",
    numbers: "Numbers",
    numbersHelp: counted({
      one: "One a line.",
      other: "One a line, at most #, as people write them, with or without the country code."
    }),
    causeHelp: "Kept beside each number, such as “asked by phone”.",
    addNow: "Add to the stop list",
    line: "Line {line}: {why}",
    moreLines: counted({ one: "And # more line.", other: "And # more lines." }),
    tooMany: counted({
      one: "At most # number at a time.",
      other: "At most # numbers at a time."
    }),
    empty: "Enter at least one number.",
    added: counted({
      one: "# number was added. Nothing is sent to it from now on.",
      other: "# numbers were added. Nothing is sent to them from now on."
    }),
    noneAdded: "All of them were on the stop list already.",
    remove: "Take it off the list",
    removeHelp: "Campaigns may write to it again, also those that are being sent.",
    reason: "Why",
    reasonHelp: "Kept in the audit.",
    removeNow: "Take it off now",
    removed: "The number is off the stop list, and may be written to again.",
    wasNotOn: "The number was not on the stop list any more."
  }
}
