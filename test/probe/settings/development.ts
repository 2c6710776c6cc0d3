import { defineSettings } from '../../../src/settings/index.ts'

export default defineSettings({ debug: true })
