import { defineSettings } from 'quintet/settings'

export default defineSettings({
  database: { engine: 'embedded', name: 'conduit' },
})
