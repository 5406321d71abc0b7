import { counting } from "../counted.ts"

const counted = counting("en")

export const members = {
  title: "Members",
  help: "Who is in this workspace, and what each may do here.",
  name: "Name",
  email: "E-mail",
  role: "Role",
  standings: {
    author: "Author",
    flagged: "Author who may approve",
    moderator: "Moderator",
    admin: "Admin"
  },
  standingsHelp: {
    author: "Writes campaigns and submits them; runs their own.",
    flagged: "The same, and decides on what others wrote.",
    moderator: "Decides on what others wrote, and runs every campaign. Writes none.",
    admin: "All of it, and manages senders, members and settings."
  },
  yourself: "you",
  disabled: "Account disabled",
  secondFactor: "Second factor",
  passkey: "Passkey",
  lastSeen: "Last seen",
  lastSeenHelp: "When they last signed in, or went on with a session; to within two weeks.",
  never: "not yet",
  yes: "Yes",
  no: "No",
  since: "In the workspace since",
  givenBy: "{who}, {when}",
  given: "Role given by",
  askAdmins: "Only admins invite people, change roles and remove members. Here that is:",
  rules: "What this workspace asks for",
  onlyAdmins: "Only an admin of this workspace can change this.",
  few: "Too few who could approve",

  said: {
    invited: "The invitation is on its way.",
    invitedTo: "{email} is invited. The link in the letter works until {until}.",
    withdrawn: "The invitation is taken back; its link no longer works.",
    changed: "The role is changed, and holds from now on.",
    accepted: "The request is accepted: they are a member now.",
    declined: "The request is declined.",
    removed: "They are no longer a member of this workspace."
  },

  invite: "Invite somebody",
  inviteHelp: "They get a letter with a link that works once, for seven days, and for this address alone.",
  inviteAs: "As",
  sendInvitation: "Send the invitation",
  invitations: "Open invitations",
  as: "As",
  invitedBy: "Invited by",
  validUntil: "Valid until",
  expired: "Expired",
  sendAgain: "Send again",
  takeBack: "Take back",
  takeBackHelp: "The link in the letter stops working at once. They can be invited again.",
  takeBackNow: "Take it back now",
  byHand: "The letter has not left",
  byHandHelp:
    "Give them this link yourself. It is shown only this once, works once, and whoever has it can accept the invitation.",
  link: "The link",
  toMembers: "Go on to the members",

  requests: "Requests to join",
  requestsHelp: counted({
    one: "# person asks to join. They see only whether you accept.",
    other: "# people ask to join. They see only whether you accept."
  }),
  asked: "Asked {when}",
  accept: "Accept",
  acceptAs: "Accept as",
  acceptNow: "Accept",
  decline: "Decline",
  declineHelp: "They are told that it was declined, and may ask again.",
  declineNow: "Decline the request",

  changeRole: "Role",
  changeRoleHelp: "It holds at once. What they did before stays, with their name.",
  saveRole: "Change the role",
  ownRole: "Nobody changes their own role. Ask another admin.",
  remove: "Remove from the workspace",
  removeHelp:
    "They can no longer see or do anything here. What they did stays, with their name, and they can be invited again.",
  goOn: counted({
    one: "# unfinished campaign of theirs goes on.",
    other: "# unfinished campaigns of theirs go on."
  }),
  removeNow: "Remove them now",
  leave: "Leave this workspace",
  leaveHelp: "You can no longer see or do anything here until an admin invites you again. What you did stays.",
  ownGoOn: counted({
    one: "# unfinished campaign of yours goes on.",
    other: "# unfinished campaigns of yours go on."
  }),
  leaveNow: "Leave it now",
  history: "In the audit",
  whatTheyDid: "What they did",
  whatWasDone: "What was done about them"
}
