import { defineSettings } from 'quintet/settings'

export default defineSettings({
  app: { entry: './app.ts', workers: 'auto' },
  database: { engine: 'embedded', name: 'conduit' },
})
