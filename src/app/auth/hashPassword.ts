/**
 * The hash that signing in verifies a password against, for seeds and imports that write accounts themselves
 * (scrypt, salted anew each time; takes tens of milliseconds).
 */
export async function hashPassword(password: string): Promise<string> {
  const { hashPassword: hash } = await import('better-auth/crypto')
  return hash(password)
}
