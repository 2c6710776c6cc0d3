const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/**
 * The names (lower case) that belong to one connection only and are never forwarded (RFC 9110 §7.6.1): the fixed
 * ones, and those that the message's own `Connection` header lists.
 */
export function connectionNames(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || /^\s*(keep-alive|close|upgrade)\s*$/i.test(connection)) return hopByHop
  const names = new Set(hopByHop)
  for (const name of connection.split(',')) names.add(name.trim().toLowerCase())
  return names
}
