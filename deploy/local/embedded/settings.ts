/**
 * The server's settings for a dispatch workload beside the engine on two cores: few connections, large rows of arrays
 * appended in small transactions, every one durable. Given on the command line, so that each start runs with the
 * settings of this version, whatever an older one wrote into the data folder.
 */
export const dispatchSettings: Readonly<Record<string, string>> = {
  // Loopback TCP only. No Unix socket: no path of over 107 bytes, no stale socket file, nothing for others to squat.
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  password_encryption: "scram-sha-256",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",

  // An outcome that was acknowledged to an operator must survive a power cut.
  synchronous_commit: "on",
  // A million messages are about 60 MB of hot tables and audience: they stay in memory, on a laptop of 4 GB too.
  shared_buffers: "256MB",
  // Some container runtimes offer huge pages and then kill whoever touches them.
  huge_pages: "off",
  // Checkpoints come by the clock and not by volume during a campaign: each makes every page be logged whole once more.
  max_wal_size: "2GB",
  min_wal_size: "256MB",
  checkpoint_timeout: "15min",
  checkpoint_completion_target: "0.9",
  wal_buffers: "16MB",
  // Message arrays compress little, and the cores belong to the engine; full pages come seldom with long checkpoints.
  wal_compression: "off",
  // Nothing replicates from it: less WAL, no senders.
  wal_level: "minimal",
  max_wal_senders: "0",

  // Statements are short and prepared: compiling or fanning one out costs more than it saves, and takes the engine's core.
  jit: "off",
  max_parallel_workers_per_gather: "0",
  max_connections: "100",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
  random_page_cost: "1.1",

  // Counters are updated several times a second: their dead rows go before they pile up.
  autovacuum_naptime: "15s",
  log_checkpoints: "off",
  log_min_duration_statement: "2s"
}

/** For a database that is thrown away: nothing has to survive, so nothing waits for the disk. */
export const throwAwaySettings: Readonly<Record<string, string>> = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  autovacuum: "off",
  shared_buffers: "128MB",
  max_wal_size: "1GB"
}

/** Later ones win; as arguments of `postgres`. */
export const settingArguments = (...all: ReadonlyArray<Readonly<Record<string, string>>>): Array<string> =>
  Object.entries(Object.assign({}, ...all) as Record<string, string>).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`
  ])
