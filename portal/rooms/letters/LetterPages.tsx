/** The pages behind mailed links, and the one on which a link is asked for. */
import type { Child } from "hono/jsx"
import type { Known } from "#portal/access/PasswordRules.ts"
import { Sheet } from "#portal/rooms/signIn/SignInPage.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import type { Visit } from "#portal/visit.ts"
import { sayMoment } from "#portal/words/times.ts"
import type { Behind } from "#schema/people/Invitations.ts"

export const ForgotPage = ({
  email = "",
  said,
  visit
}: {
  visit: Visit
  email?: string
  said?: string | undefined
}) => {
  const words = visit.words.letters
  return (
    <Sheet visit={visit} title={words.forgotTitle}>
      <Refusal said={said} />
      <p>{words.forgotHelp}</p>
      <form method="post" action="/forgot" class="flex flex-col gap-4">
        <Field name="email" label={words.email}>
          <input id="email" name="email" type="email" class="input" required autocomplete="username" value={email} />
        </Field>
        <button type="submit" class="btn">
          {words.send}
        </button>
      </form>
      <BackToSignIn visit={visit} />
    </Sheet>
  )
}

/** The same whether there is such an account. */
export const SentPage = ({ visit }: { visit: Visit }) => {
  const words = visit.words.letters
  return (
    <Sheet visit={visit} title={words.forgotTitle}>
      <p role="status">{words.sent}</p>
      <p class="text-sm text-muted-foreground">{words.sentHelp}</p>
      <BackToSignIn visit={visit} />
    </Sheet>
  )
}

export const NewPasswordPage = ({
  path,
  said,
  visit,
  whose
}: {
  visit: Visit
  path: string
  whose: Known
  said?: string | undefined
}) => {
  const words = visit.words.letters
  return (
    <Sheet visit={visit} title={words.newPassword}>
      <Refusal said={said} />
      <p>
        <Sentence words={words.newPasswordOf} parts={{ who: <Name>{whose.name}</Name> }} />
      </p>
      <form method="post" action={path} class="flex flex-col gap-4">
        <input type="hidden" name="username" autocomplete="username" value={whose.email} />
        <NewPassword label={words.password} help={words.newPasswordHelp} />
        <button type="submit" class="btn">
          {words.set}
        </button>
      </form>
    </Sheet>
  )
}

const NewPassword = ({ help, label }: { label: string; help: string }) => (
  <Field name="password" label={label} help={help}>
    <input
      id="password"
      name="password"
      type="password"
      class="input"
      required
      minlength={12}
      autocomplete="new-password"
      aria-describedby="password-help"
    />
  </Field>
)

/** What is done, and that one signs in now. */
export const DonePage = ({ children, title, visit }: { visit: Visit; title: string; children: Child }) => (
  <Sheet visit={visit} title={title}>
    <p role="status">{children}</p>
    <a class="btn" href="/sign-in">
      {visit.words.letters.signIn}
    </a>
  </Sheet>
)

export const GonePage = ({ of, visit }: { visit: Visit; of: "reset" | "invitation" }) => {
  const words = visit.words.letters
  return (
    <Sheet visit={visit} title={words.gone}>
      <p>{of === "reset" ? words.goneReset : words.goneInvitation}</p>
      {of === "reset" && (
        <a class="btn" href="/forgot">
          {words.send}
        </a>
      )}
      <BackToSignIn visit={visit} />
    </Sheet>
  )
}

const BackToSignIn = ({ visit }: { visit: Visit }) => (
  <p>
    <a class="underline underline-offset-4" href="/sign-in">
      {visit.words.letters.backToSignIn}
    </a>
  </p>
)

interface InvitationProps {
  readonly visit: Visit
  readonly path: string
  readonly behind: Behind
  /** Signed in under the invited address: one press accepts. */
  readonly isTheirs: boolean
  readonly name?: string
  readonly said?: string | undefined
}

export const InvitationPage = (props: InvitationProps) => {
  const { behind, said, visit } = props
  const words = visit.words.letters
  const { exact, short } = sayMoment(behind.expires_at, visit.now, visit.words.locale, visit.zone ?? "UTC")
  const [before, after] = words.invitation.replace("{who}", behind.invited_by).split("{workspace}")
  return (
    <Sheet visit={visit} title={`${before}${behind.workspace}${after}`}>
      <Refusal said={said} />
      <p>
        {words.as[behind.role]}
        {behind.moderator && `, ${words.flagged}`}
      </p>
      <p class="text-sm text-muted-foreground">
        <Sentence words={words.until} parts={{ when: <time title={exact}>{short}</time> }} />
      </p>
      <Acceptance {...props} />
    </Sheet>
  )
}

const Acceptance = ({ behind, isTheirs, name = "", path, visit }: InvitationProps) => {
  const words = visit.words.letters
  if (behind.has_account && !isTheirs)
    return (
      <>
        <p>
          <Sentence words={words.signInToAccept} parts={{ email: <Name>{behind.email}</Name> }} />
        </p>
        <a class="btn" href={`/sign-in?to=${encodeURIComponent(path)}`}>
          {words.signIn}
        </a>
      </>
    )
  return (
    <form method="post" action={path} class="flex flex-col gap-4">
      {!behind.has_account && (
        <>
          <input type="hidden" name="username" autocomplete="username" value={behind.email} />
          <Field name="name" label={words.name} help={words.nameHelp}>
            <input
              id="name"
              name="name"
              class="input"
              required
              maxlength={200}
              autocomplete="name"
              value={name}
              aria-describedby="name-help"
            />
          </Field>
          <NewPassword label={words.password} help={words.newPasswordHelp} />
        </>
      )}
      <button type="submit" class="btn">
        {words.accept}
      </button>
    </form>
  )
}
