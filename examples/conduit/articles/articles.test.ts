import { expect, test } from 'vitest'
import { backTo } from '../forms.tsx'
import { tagsField } from '../input.ts'
import { renderMarkdown } from './markdown.ts'
import { pageNumber } from './previews.ts'
import { freeSlug, slugify } from './slug.ts'
import { shownPages } from './views.tsx'

test.each([
  ['Éclairs & tea, twice', 'eclairs-tea-twice'],
  ['  --Hello--  ', 'hello'],
  ['!!!', 'article'],
  ['日本の茶', '日本の茶'],
  ['x'.repeat(200), 'x'.repeat(80)],
])('%s has the slug %s', (title, slug) => {
  expect(slugify(title)).toBe(slug)
})

test('a taken slug is numbered', () => {
  expect(freeSlug('tea', new Set())).toBe('tea')
  expect(freeSlug('tea', new Set(['tea', 'tea-2', 'tea-4']))).toBe('tea-3')
})

test.each([
  [1, 1, [1]],
  [3, 2, [1, 2, 3]],
  [200, 1, [1, 2, 3, null, 200]],
  [200, 4, [1, 2, 3, 4, 5, null, 200]],
  [200, 100, [1, null, 99, 100, 101, null, 200]],
  [200, 200, [1, null, 198, 199, 200]],
  [4, 1, [1, 2, 3, 4]],
])('of %i pages, at page %i, it shows %j', (pages, page, shown) => {
  expect(shownPages(pages, page)).toEqual(shown)
})

test.each([
  [undefined, 1],
  ['3', 3],
  ['0', 1],
  ['-2', 1],
  ['1.5', 1],
  ['many', 1],
])('?page=%s is page %i', (text, page) => {
  expect(pageNumber(text)).toBe(page)
})

test.each([
  ['/?page=2', '/?page=2'],
  [undefined, '/home'],
  ['https://evil.example/', '/home'],
  ['//evil.example/', '/home'],
  ['/\\evil.example/', '/home'],
])('back to %s goes to %s', (back, to) => {
  expect(backTo(back, '/home')).toBe(to)
})

test('tags are a list in the author’s order, without repeats', () => {
  expect(tagsField.parse(' b, a ,,b')).toEqual(['b', 'a'])
  expect(tagsField.parse(undefined)).toEqual([])
})

test.each([
  ['<img src=x onerror=alert(1)>', '<p>&lt;img src=x onerror=alert(1)&gt;</p>\n'],
  ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>\n'],
  ['[x](https://a.example)', '<p><a href="https://a.example" rel="nofollow ugc noopener">x</a></p>\n'],
  ['![a *b*](/c.png)', '<p><img src="/c.png" alt="a b" loading="lazy"></p>\n'],
])('%s renders safely', (text, html) => {
  expect(renderMarkdown(text)).toBe(html)
})
