/** Somebody's own page: who they are here, how they sign in, and where they are signed in. */
import type { Child } from "hono/jsx"
import type { OwnPasskey } from "#portal/access/OwnPasskeys.ts"
import type { Session } from "#portal/access/Sessions.ts"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Sentence } from "#portal/views/Sentence.tsx"
import type { Person } from "#portal/visit.ts"
import { sayMoment } from "#portal/words/times.ts"
import { languages } from "#portal/words.ts"
import type { MyJoinRequest } from "#schema/people/JoinRequests.ts"
import { type AskedToJoin, Joining } from "./Joining.tsx"

export interface Own {
  readonly sessions: ReadonlyArray<Session>
  readonly passkeys: ReadonlyArray<OwnPasskey>
  readonly requests: ReadonlyArray<MyJoinRequest>
  readonly secondFactor: { readonly totp_since: Date | null; readonly recovery_codes_left: number }
}

/** Why something was not done. */
export interface NotDone {
  readonly said: string
  /** It is asked of those who have just signed in. */
  readonly signInAgain: boolean
}

interface Props {
  readonly who: Person
  readonly own: Own
  readonly notDone?: NotDone | undefined
  readonly askedToJoin?: AskedToJoin | undefined
}

export const OwnPage = ({ askedToJoin, notDone, own, who }: Props) => {
  const words = who.words.own
  return (
    <Frame here={who} title={words.title} place="own">
      <Heading title={words.title} />
      <div class="grid max-w-2xl grid-cols-1 gap-4">
        <Saved who={who} />
        <Refusal said={notDone?.said} />
        {notDone?.signInAgain === true && <SignInAgain who={who} />}
        <Who who={who} />
        <Joining who={who} requests={own.requests} typed={askedToJoin} />
        <Passkeys who={who} passkeys={own.passkeys} />
        <SecondFactor who={who} {...own.secondFactor} />
        <Password who={who} />
        <Sessions who={who} sessions={own.sessions} />
        <Language who={who} />
      </div>
    </Frame>
  )
}

/** By the reader's clock. */
const Moment = ({ at, who }: { at: Date; who: Person }) => {
  const { exact, short } = sayMoment(at, who.now, who.words.locale, who.zone ?? "UTC")
  return (
    <time datetime={at.toISOString()} title={exact} class="whitespace-nowrap">
      {short}
    </time>
  )
}

const Saved = ({ who }: { who: Person }) => {
  const { saved } = who.words.own
  const what = who.c.req.query("saved") ?? ""
  if (!Object.hasOwn(saved, what)) return null
  return (
    <p role="status" class="rounded-md border border-green-800 p-3 dark:border-green-300">
      {saved[what as keyof typeof saved]}
    </p>
  )
}

const SignInAgain = ({ who }: { who: Person }) => (
  <form method="post" action="/sign-out?to=/me">
    <button type="submit" class="btn-outline">
      {who.words.own.signInAgain}
    </button>
  </form>
)

const Who = ({ who }: { who: Person }) => {
  const words = who.words.own
  return (
    <Part id="who" title={words.who}>
      <p class="text-xl font-semibold">
        <bdi>{who.me.name}</bdi>
      </p>
      <Facts>
        <Fact name={words.email}>{who.me.email}</Fact>
        <Fact name={words.workspaces}>
          {who.workspaces.length === 0 ? (
            words.noWorkspaces
          ) : (
            <ul>
              {who.workspaces.map(({ flagged, id, name, role }) => (
                <li>
                  <a class="underline underline-offset-4" href={`/w/${id}`}>
                    <bdi>{name}</bdi>
                  </a>{" "}
                  · {words.roles[role]}
                  {flagged && `, ${words.flagged}`}
                </li>
              ))}
            </ul>
          )}
        </Fact>
      </Facts>
    </Part>
  )
}

const Passkeys = ({ passkeys, who }: { who: Person; passkeys: ReadonlyArray<OwnPasskey> }) => {
  const words = who.words.own
  return (
    <Part id="passkeys" title={words.passkeys}>
      <p class="text-sm text-muted-foreground">{words.passkeysHelp}</p>
      {passkeys.length === 0 ? (
        <p>{words.noPasskeys}</p>
      ) : (
        <ul class="grid gap-3">
          {passkeys.map((key) => (
            <Passkey who={who} passkey={key} />
          ))}
        </ul>
      )}
      <form
        method="post"
        action="/me/passkeys"
        class="flex flex-wrap items-end gap-2"
        data-enrol="/me/passkeys/options"
        data-cancelled={words.cancelled}
        data-failed={words.failed}
        data-unable={words.unable}
      >
        <input type="hidden" name="answer" value="" />
        <Field name="passkey-name" label={words.passkeyName}>
          <input
            id="passkey-name"
            name="name"
            class="input"
            required
            maxlength={100}
            placeholder={words.passkeyExample}
          />
        </Field>
        <button type="submit" class="btn-outline">
          {words.add}
        </button>
        <p role="status" class="w-full text-destructive" data-enrol-said />
      </form>
    </Part>
  )
}

const Passkey = ({ passkey, who }: { who: Person; passkey: OwnPasskey }) => {
  const words = who.words.own
  const { created_at, id, name, used_at } = passkey
  return (
    <li class="grid gap-2 border-b pb-3">
      <p>
        <bdi class="font-medium">{name}</bdi>{" "}
        <span class="text-sm text-muted-foreground">
          <Sentence words={words.added} parts={{ when: <Moment at={created_at} who={who} /> }} /> ·{" "}
          {used_at === null ? (
            words.neverUsed
          ) : (
            <Sentence words={words.used} parts={{ when: <Moment at={used_at} who={who} /> }} />
          )}
        </span>
      </p>
      <form method="post" action={`/me/passkeys/${id}`} class="flex flex-wrap gap-2">
        <input
          name="name"
          class="input w-48"
          value={name}
          maxlength={100}
          aria-label={`${words.passkeyName}: ${name}`}
        />
        <button type="submit" name="act" value="rename" class="btn-sm-outline">
          {words.rename}
        </button>
        <button type="submit" name="act" value="remove" class="btn-sm-outline text-destructive">
          {words.remove}
        </button>
      </form>
    </li>
  )
}

const SecondFactor = ({ recovery_codes_left, totp_since, who }: { who: Person } & Own["secondFactor"]): Child => {
  const words = who.words.own
  return (
    <Part id="second-factor" title={words.secondFactor}>
      {totp_since === null ? (
        <>
          <p>{words.secondFactorNone}</p>
          <form method="post" action="/me/second-factor">
            <button type="submit" class="btn-outline">
              {words.setUp}
            </button>
          </form>
        </>
      ) : (
        <>
          <p>
            <Sentence words={words.secondFactorSince} parts={{ when: <Moment at={totp_since} who={who} /> }} />{" "}
            {words.codesLeft(recovery_codes_left)}
          </p>
          <form method="post" action="/me/recovery-codes" class="grid justify-start gap-1.5">
            <button type="submit" class="btn-outline" aria-describedby="new-codes-help">
              {words.newCodes}
            </button>
            <p id="new-codes-help" class="text-sm text-muted-foreground">
              {words.newCodesHelp}
            </p>
          </form>
          <form method="post" action="/me/second-factor/off" class="flex flex-wrap items-end gap-2">
            <Field name="off-code" label={words.offCode}>
              <input id="off-code" name="code" class="input" required autocomplete="one-time-code" />
            </Field>
            <button type="submit" class="btn-outline text-destructive">
              {words.off}
            </button>
          </form>
        </>
      )}
    </Part>
  )
}

const Password = ({ who }: { who: Person }) => {
  const words = who.words.own
  return (
    <Part id="password" title={words.password}>
      <form method="post" action="/me/password" class="grid gap-4">
        <input type="hidden" name="username" autocomplete="username" value={who.me.email} />
        <Field name="from" label={words.passwordNow}>
          <input id="from" name="from" type="password" class="input" required autocomplete="current-password" />
        </Field>
        <Field name="to" label={words.passwordNew} help={words.passwordHelp}>
          <input
            id="to"
            name="to"
            type="password"
            class="input"
            required
            minlength={12}
            autocomplete="new-password"
            aria-describedby="to-help"
          />
        </Field>
        <div>
          <button type="submit" class="btn-outline">
            {words.change}
          </button>
        </div>
      </form>
    </Part>
  )
}

const Sessions = ({ sessions, who }: { who: Person; sessions: ReadonlyArray<Session> }) => {
  const words = who.words.own
  return (
    <Part id="sessions" title={words.sessions}>
      <ul class="grid gap-3">
        {sessions.map(({ address, agent, created_at, current, id, opened_by }) => (
          <li class="flex flex-wrap items-center justify-between gap-2 border-b pb-3">
            <p class="min-w-0">
              <bdi class="break-words">{agent === "" ? "—" : agent}</bdi>
              <span class="block text-sm text-muted-foreground">
                {current && `${words.here} · `}
                {words.by[opened_by]},{" "}
                <Sentence words={words.since} parts={{ when: <Moment at={created_at} who={who} /> }} />
                {address !== "" && ` · ${address}`}
              </span>
            </p>
            {!current && (
              <form method="post" action={`/me/sessions/${id}`}>
                <button type="submit" class="btn-sm-outline" aria-label={`${words.end}: ${agent} ${address}`}>
                  {words.end}
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <form method="post" action="/me/sessions">
          <button type="submit" class="btn-outline">
            {words.endOthers}
          </button>
        </form>
      )}
    </Part>
  )
}

/** Each by its own name. */
const Language = ({ who }: { who: Person }) => {
  const words = who.words.own
  return (
    <Part id="language" title={words.language}>
      <form method="post" action="/me/language" class="flex flex-wrap items-end gap-2">
        <Field name="language-choice" label={words.language} help={words.languageHelp}>
          <select id="language-choice" name="language" class="select" aria-describedby="language-choice-help">
            {Object.entries(languages).map(([code, { itself }]) => (
              <option value={code} lang={code} selected={code === who.language}>
                {itself}
              </option>
            ))}
          </select>
        </Field>
        <button type="submit" class="btn-outline">
          {words.choose}
        </button>
      </form>
    </Part>
  )
}
