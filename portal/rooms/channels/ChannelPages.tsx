/** All channels, and one with who may send by it and what goes by it now. */
import { grouped } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Fact, Facts, Part } from "#portal/views/evidence/Facts.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Person } from "#portal/visit.ts"
import type { ListedChannel } from "#schema/channel/ChannelList.ts"
import type { Workspace } from "#schema/people/Workspaces.ts"

const Service = ({ channel, who }: { who: Person; channel: ListedChannel }) => {
  const words = who.words.channels
  const classes = channel.enabled ? "text-green-800 dark:text-green-300" : "text-zinc-600 dark:text-zinc-400"
  return (
    <span class={`inline-flex items-center gap-1.5 whitespace-nowrap ${classes}`}>
      <span aria-hidden="true">{channel.enabled ? "●" : "○"}</span>
      {channel.enabled ? words.inService : words.outOfService}
    </span>
  )
}

const pace = (who: Person, { per_second }: ListedChannel) => {
  const words = who.words.channels
  return per_second === null ? words.unbounded : words.perSecond(grouped(per_second, who.words.locale))
}

export const ChannelsPage = ({ channels, who }: { who: Person; channels: ReadonlyArray<ListedChannel> }) => {
  const words = who.words.channels
  return (
    <Frame here={who} title={words.title} place="channels">
      <Heading title={words.title}>
        <a class="btn" href="/channels/new">
          {words.new}
        </a>
      </Heading>
      <p class="max-w-[60rem] pb-4 text-muted-foreground">{words.about}</p>
      {channels.length === 0 ? (
        <Empty title={words.none} help={words.noneHelp} />
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.goesTo}</th>
                <th scope="col">{words.contract}</th>
                <th scope="col">{words.now}</th>
              </tr>
            </thead>
            <tbody>
              {channels.map((one) => (
                <tr>
                  <td class="max-w-80 truncate">
                    <a href={`/channels/${one.id}`} class="font-medium underline-offset-4 hover:underline">
                      <bdi>{one.name}</bdi>
                    </a>
                  </td>
                  <td>
                    <Service who={who} channel={one} />
                  </td>
                  <td>{`${one.host}:${one.port}`}</td>
                  <td>{pace(who, one)}</td>
                  <td>{one.campaigns === 0 ? words.nothing : words.campaigns(one.campaigns)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Frame>
  )
}

interface Props {
  readonly who: Person
  readonly channel: ListedChannel
  readonly workspaces: ReadonlyArray<Workspace>
  readonly said?: string | undefined
}

export const ChannelPage = (props: Props) => {
  const { channel, said, who } = props
  const words = who.words.channels
  const path = `/channels/${channel.id}`
  return (
    <Frame here={who} title={channel.name} place="channels">
      <Heading
        title={channel.name}
        up={{ href: "/channels", label: words.title }}
        aside={<Service who={who} channel={channel} />}
      >
        <a class="btn-outline" href={`${path}/change`}>
          {words.change}
        </a>
        {!channel.enabled && (
          <form method="post" action={`${path}/on`}>
            <button type="submit" class="btn">
              {words.switchOn}
            </button>
          </form>
        )}
      </Heading>
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <Refusal said={said} />
        <About {...props} />
        <Granted {...props} />
        {channel.enabled && (
          <details>
            <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">
              {words.switchOff}…
            </summary>
            <form method="post" action={`${path}/off`} class="grid justify-items-start gap-2 pt-2">
              <p>{words.switchOffHelp(channel.campaigns)}</p>
              <button type="submit" class="btn-destructive">
                {words.switchOffNow}
              </button>
            </form>
          </details>
        )}
      </div>
    </Frame>
  )
}

const About = ({ channel, who }: Props) => {
  const words = who.words.channels
  const { bind_mode, binds, campaigns, charset, host, in_hand, port, system_id, tls, window_size } = channel
  const { locale } = who.words
  return (
    <Part id="about" title={words.now}>
      <p class="text-xl font-semibold">{campaigns === 0 ? words.nothing : words.campaigns(campaigns)}</p>
      {in_hand > 0 && <p>{words.inHand(in_hand)}</p>}
      <Facts>
        <Fact name={words.goesTo}>{`${host}:${port}${tls ? " · TLS" : ""}`}</Fact>
        <Fact name={words.systemId}>{system_id}</Fact>
        <Fact name={words.bindMode}>{`${words.bindModes[bind_mode]} · ${grouped(binds, locale)}`}</Fact>
        <Fact name={words.window}>{grouped(window_size, locale)}</Fact>
        <Fact name={words.contract}>{pace(who, channel)}</Fact>
        <Fact name={words.charset}>{words.charsets[charset]}</Fact>
      </Facts>
    </Part>
  )
}

const Granted = ({ channel, who, workspaces }: Props) => {
  const words = who.words.channels
  const has = ({ id }: Workspace) => channel.granted_to.includes(id)
  const granted = workspaces.filter(has)
  const others = workspaces.filter((one) => !has(one))
  const path = `/channels/${channel.id}`
  return (
    <Part id="granted" title={words.grantedTo}>
      {granted.length === 0 && <p>{words.nobody}</p>}
      <ul class="grid gap-2">
        {granted.map(({ id, name }) => (
          <li class="flex flex-wrap items-start justify-between gap-3">
            <bdi>{name}</bdi>
            <details>
              <summary class="cursor-pointer text-destructive underline underline-offset-4">{words.withdraw}…</summary>
              <form method="post" action={`${path}/withdraw`} class="grid justify-items-start gap-2 pt-2">
                <p>{words.withdrawHelp}</p>
                <button type="submit" class="btn-destructive" name="workspace" value={String(id)}>
                  {words.withdrawNow}
                </button>
              </form>
            </details>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <form method="post" action={`${path}/grant`} class="flex flex-wrap items-end gap-2">
          <Field name="workspace" label={words.grantTo}>
            <select id="workspace" name="workspace" class="select">
              {others.map(({ id, name }) => (
                <option value={id}>{name}</option>
              ))}
            </select>
          </Field>
          <button type="submit" class="btn-outline">
            {words.grant}
          </button>
        </form>
      )}
    </Part>
  )
}
