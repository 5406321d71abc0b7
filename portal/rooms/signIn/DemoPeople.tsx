/** Of a demo: everybody whom one may sign in as, by a press. */
import type { Visit } from "#portal/visit.ts"

export const DemoPeople = ({ to, visit }: { visit: Visit; to: string }) => {
  const demo = visit.c.get("demo")
  if (demo === undefined) return null
  const words = visit.words.signIn
  return (
    <section aria-labelledby="demo" class="grid grid-cols-1 gap-2">
      <h2 id="demo" class="font-semibold">
        {words.demo}
      </h2>
      <ul class="divide-y rounded-md border">
        {demo.people.map(({ email, name, places }) => (
          <li class="flex items-center justify-between gap-3 px-3 py-2">
            <div class="min-w-0 text-sm">
              <p>
                <bdi>{name}</bdi>
              </p>
              <p class="text-muted-foreground">{email}</p>
              <p class="text-muted-foreground">{places}</p>
            </div>
            <form method="post" action="/sign-in">
              <input type="hidden" name="to" value={to} />
              <input type="hidden" name="email" value={email} />
              <input type="hidden" name="password" value={demo.password} />
              <button type="submit" class="btn-outline" aria-label={words.demoAs(name)}>
                {words.submit}
              </button>
            </form>
          </li>
        ))}
      </ul>
      <p class="text-sm text-muted-foreground">{words.demoHelp(demo.password)}</p>
    </section>
  )
}
