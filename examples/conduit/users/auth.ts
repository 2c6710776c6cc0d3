import { defineAuth } from 'quintet'
import { accounts, sessions, users, verifications } from './models.ts'

export const auth = defineAuth({
  users,
  sessions,
  accounts,
  verifications,
  nameColumn: 'username',
  tokenScheme: 'Token',
})
