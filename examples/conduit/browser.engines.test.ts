import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Conduit, startConduit } from './test/conduit.ts'

let conduit: Conduit
let browser: Browser
let origin: string
const pages: Page[] = []

beforeAll(async () => {
  conduit = await startConduit()
  origin = await conduit.listen()
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
})
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close()
})
afterAll(async () => {
  await browser?.close()
  await conduit?.close()
})

async function open(javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({
    javaScriptEnabled,
    baseURL: origin,
    viewport: { width: 1280, height: 900 },
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  pages.push(page)
  return page
}

async function signUp(page: Page, username: string): Promise<void> {
  await page.goto('/register')
  await page.fill('input[name="username"]', username)
  await page.fill('input[name="email"]', `${username}@example.org`)
  await page.fill('input[name="password"]', 'long-enough')
  await page.click('button[type="submit"]')
  await page.waitForSelector(`nav a[href="/profile/${username}"]`)
}

async function publish(page: Page, title: string): Promise<void> {
  await page.goto('/editor')
  await page.fill('input[name="title"]', title)
  await page.fill('input[name="description"]', 'Leaves and water')
  await page.fill('textarea[name="body"]', '## Boil it\n\nThen wait.')
  await page.fill('input[placeholder="Enter tags"]', 'tea, cups')
  await page.click('button:has-text("Publish Article")')
  await page.waitForURL(/\/article\//)
}

describe.each([
  ['with JavaScript', true, 'js'],
  ['without JavaScript', false, 'plain'],
])('%s', (_, javaScriptEnabled, suffix) => {
  test('sign up, write, comment, favourite, follow, log out', async () => {
    const writer = await open(javaScriptEnabled)
    await signUp(writer, `writer-${suffix}`)
    await publish(writer, `On tea ${suffix}`)
    expect(await writer.textContent('h1')).toBe(`On tea ${suffix}`)
    expect(await writer.locator('.tag-list .tag-default').allTextContents()).toEqual(['tea', 'cups'])
    expect(await writer.textContent('.article-content h2')).toBe('Boil it')

    const reader = await open(javaScriptEnabled)
    await signUp(reader, `reader-${suffix}`)
    await reader
      .locator('.article-preview', { hasText: `On tea ${suffix}` })
      .locator('h1')
      .click()
    await reader.waitForURL(/\/article\//)

    await reader.fill('textarea[placeholder="Write a comment..."]', 'Lovely')
    await reader.click('button:has-text("Post Comment")')
    await reader.waitForSelector('.card-text:has-text("Lovely")')
    await reader.click('.mod-options button')
    await reader.waitForSelector('h2:has-text("0 comments")')
    expect(await reader.locator('.card-text').count()).toBe(0)

    await reader.locator('button.btn-outline-primary:has-text("Favorite")').first().click()
    await reader.waitForSelector('button.btn-primary:has-text("Unfavorite")')
    await reader.locator(`button:has-text("Follow writer-${suffix}")`).first().click()
    await reader.waitForSelector(`button:has-text("Unfollow writer-${suffix}")`)
    await reader.goto('/')
    await reader.click('a:has-text("Your Feed")')
    await reader.waitForSelector(`.article-preview h1:has-text("On tea ${suffix}")`)
    await reader.goto(`/profile/reader-${suffix}/favorites`)
    expect(await reader.locator('.article-preview').count()).toBe(1)

    await reader.goto('/settings')
    await reader.click('button:has-text("Or click here to logout")')
    await reader.waitForSelector('a.nav-link:has-text("Sign in")')

    await writer.click('button:has-text("Delete Article")')
    await writer.waitForURL(`${origin}/`)
    expect(await writer.locator(`h1:has-text("On tea ${suffix}")`).count()).toBe(0)
  })

  test('a refused form keeps what was typed and says why', async () => {
    const page = await open(javaScriptEnabled)
    await page.goto('/login')
    await page.fill('input[name="email"]', 'nobody@example.org')
    await page.fill('input[name="password"]', 'whatever-it-is')
    await page.click('button[type="submit"]')
    await page.waitForSelector('.error-messages')
    expect(page.url()).toBe(`${origin}/login`)
    expect(await page.inputValue('input[name="email"]')).toBe('nobody@example.org')
    expect(await page.inputValue('input[name="password"]')).toBe('')
  })
})

test('in the editor, Enter makes a tag and its × removes it', async () => {
  const page = await open(true)
  await signUp(page, 'tagger')
  await page.goto('/editor')
  await page.fill('input[name="title"]', 'Tagged')
  await page.fill('input[name="description"]', 'By hand')
  await page.fill('textarea[name="body"]', 'Text')
  for (const tag of ['alpha', 'beta', 'gamma']) {
    await page.fill('input[placeholder="Enter tags"]', tag)
    await page.press('input[placeholder="Enter tags"]', 'Enter')
  }
  await page.locator('.tag-list .tag-pill i').first().click()
  expect(await page.locator('.tag-list .tag-pill').allTextContents()).toEqual(['beta', 'gamma'])
  await page.click('button:has-text("Publish Article")')
  await page.waitForURL(/\/article\//)
  expect(await page.locator('.tag-list .tag-default').allTextContents()).toEqual(['beta', 'gamma'])
})

test.each([390, 1280])('nothing is wider than a window of %i pixels', async width => {
  const page = await open(true)
  await signUp(page, `wide-${width}`)
  await publish(page, `W${'i'.repeat(120)}de ${width}`)
  const article = new URL(page.url()).pathname
  await page.setViewportSize({ width, height: 800 })
  for (const path of [
    '/',
    article,
    `/editor${article.replace('/article', '')}`,
    '/settings',
    `/profile/wide-${width}`,
    '/none',
  ]) {
    await page.goto(path)
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow, path).toBe(0)
  }
})
