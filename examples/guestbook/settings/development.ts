import { defineSettings } from 'quintet/settings'

export default defineSettings({ debug: true, app: { entry: './app.tsx' } })
