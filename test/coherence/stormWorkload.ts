import type pg from 'pg'

const articleCount = 48
const authorCount = 8

/** Dropped and made anew for each storm. */
export const stormSchema = `
  drop publication if exists quintet;
  drop table if exists articles, authors;
  create table authors (id int primary key, name text not null);
  create table articles (
    id int primary key, author_id int not null references authors on delete cascade, title text, version int not null);
  create index on articles (author_id);
  alter table authors replica identity full;
  alter table articles replica identity full;
  insert into authors select n, 'author ' || n from generate_series(1, ${authorCount}) n;
  insert into articles select n, n % ${authorCount} + 1, 'article ' || n, 0 from generate_series(1, ${articleCount}) n;
  create publication quintet for table authors, articles`

export const authors = { one: 'select name from authors where id = $1' }
export const articles = {
  one: 'select title, version, author_id from articles where id = $1',
  ofAuthor: 'select id, title, version from articles where author_id = $1 order by id',
}

export const pages: readonly string[] = [
  ...Array.from({ length: articleCount }, (_, index) => `/articles/${index + 1}`),
  ...Array.from({ length: authorCount }, (_, index) => `/authors/${index + 1}`),
]

/** Commits one transaction of raw SQL; false if it was given up for a deadlock. */
export async function commit(client: pg.Client, random: () => number): Promise<boolean> {
  try {
    await client.query(statement(random))
    return true
  } catch (error) {
    await client.query('rollback')
    if ((error as { code?: string }).code === '40P01') return false
    throw error
  }
}

function statement(random: () => number): string {
  const article = 1 + Math.floor(random() * articleCount)
  const author = 1 + Math.floor(random() * authorCount)
  const word = Math.floor(random() * 1e6).toString(36)
  const kind = random()
  if (kind < 0.55) return `update articles set version = version + 1, title = '${word}' where id = ${article}`
  if (kind < 0.65) return `update authors set name = '${word}' where id = ${author}`
  if (kind < 0.75)
    return `update articles set author_id = ${author} where id = ${article} and author_id <> ${author}; ${touch(article)}`
  if (kind < 0.85)
    return `begin; update articles set title = '${word}' where id = ${article}; savepoint one;
      update articles set title = 'never seen' where id = ${article}; rollback to one; commit`
  if (kind < 0.95)
    return `begin; delete from articles where id = ${article};
      insert into articles values (${article}, ${author}, '${word}', 0) on conflict (id) do update set version = 0; commit`
  return `with picked as (select id from articles where id between ${article} and ${article + 4} order by id for update)
    update articles set version = version + 1 where id in (select id from picked)`
}

function touch(article: number): string {
  return `update articles set version = version + 1 where id = ${article}`
}
