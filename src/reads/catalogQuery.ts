/**
 * What the analysis must know of a database, in one query and one row. Only what lies outside the system schemas
 * is listed: everything else follows from PostgreSQL itself.
 */
export const catalogQuery = `
with user_schemas as (
  select oid, nspname from pg_namespace
  where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_(toast|temp)'
),
-- Under an empty search path pg_get_viewdef() qualifies every name that is not PostgreSQL's own.
unqualified as materialized (
  select set_config('search_path', '', true) as path
),
published as (
  select p.schemaname, p.tablename, p.attnames::text[] as columns,
    p.rowfilter is null and b.pubinsert and b.pubupdate and b.pubdelete and b.pubtruncate as complete
  from pg_publication_tables p join pg_publication b on b.pubname = p.pubname where p.pubname = $1
),
bytewise as (
  select pg_encoding_to_char(d.encoding) = 'UTF8' as encoded, case d.datlocprovider when 'c' then d.datcollate in ('C', 'POSIX')
    when 'b' then coalesce(to_jsonb(d) ->> 'datlocale', '') = any('{C,C.UTF-8,PG_UNICODE_FAST}') end as sorted
  from pg_database d where d.datname = current_database()
)
select
  (select coalesce(json_agg(json_build_object(
      'oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'persistence', c.relpersistence,
      'rowSecurity', c.relrowsecurity, 'identity', c.relreplident,
      'definition', case when c.relkind = 'v' then (select pg_get_viewdef(c.oid) from unqualified where path = '') end,
      'barrier', coalesce('security_barrier=true' = any (c.reloptions), false),
      'published', coalesce(p.complete, false), 'publishedColumns', p.columns,
      'parents', (select coalesce(json_agg(i.inhparent::int8), '[]') from pg_inherits i where i.inhrelid = c.oid),
      'uniques', (select coalesce(json_agg((select json_agg(a.attname order by u.place)
          from unnest(i.indkey::int2[]) with ordinality u(number, place)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = u.number where u.place <= i.indnkeyatts)), '[]')
        from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null
          and i.indexprs is null),
      'foreignKeys', (select coalesce(json_agg(json_build_object('references', k.confrelid::int8,
          'columns', (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u(number, place)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
          'referenced', (select json_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u(number, place)
            join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number))), '[]')
        from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.convalidated
          and coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
          and not exists (select from pg_trigger t where t.tgconstraint = k.oid and t.tgenabled not in ('O', 'A'))),
      'columns', (select coalesce(json_agg(json_build_object(
          'name', a.attname, 'number', a.attnum, 'type', a.atttypid::int8, 'generated', a.attgenerated,
          'notNull', a.attnotnull and not exists (select from pg_constraint k
            where k.conrelid = a.attrelid and k.contype = 'n' and not k.convalidated and a.attnum = any (k.conkey)), 'deterministic', coalesce(l.collisdeterministic, true), 'bytewise', coalesce(
            (select encoded from bytewise) and case l.collprovider when 'd' then (select sorted from bytewise)
              when 'c' then l.collcollate in ('C', 'POSIX')
              when 'b' then coalesce(to_jsonb(l) ->> 'colllocale', '') = any('{C,C.UTF-8,PG_UNICODE_FAST}') end, false)
        ) order by a.attnum), '[]')
        from pg_attribute a left join pg_collation l on l.oid = a.attcollation
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
    )), '[]')
    from pg_class c join user_schemas n on n.oid = c.relnamespace
    left join published p on p.schemaname = n.nspname and p.tablename = c.relname
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')) as relations,
  (select coalesce(json_agg(distinct f.proname), '[]')
    from pg_proc f join user_schemas n on n.oid = f.pronamespace) as functions,
  (select json_agg(distinct f.proname) from pg_proc f where f.proretset) as set_returning,
  (select coalesce(json_agg(json_build_object(
      'name', o.oprname, 'left', o.oprleft::int8, 'right', o.oprright::int8,
      'native', coalesce(l.lanname in ('c', 'internal') and f.provolatile = 'i', false))), '[]')
    from pg_operator o join user_schemas n on n.oid = o.oprnamespace
    left join pg_proc f on f.oid = o.oprcode left join pg_language l on l.oid = f.prolang) as operators,
  (select coalesce(json_agg(json_build_object(
      'oid', t.oid::int8, 'schema', n.nspname, 'name', t.typname, 'kind', t.typtype, 'fields', (
          select json_agg(a.attname) from pg_attribute a
          where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))), '[]')
    from pg_type t join user_schemas n on n.oid = t.typnamespace where t.typtype in ('e', 'd', 'c', 'b', 'r', 'm')
      and t.typcategory <> 'A') as types,
  (select count(*)::int from pg_cast x join pg_proc f on f.oid = x.castfunc
    join user_schemas n on n.oid = f.pronamespace join pg_language l on l.oid = f.prolang
    where x.castcontext = 'i' and l.lanname not in ('c', 'internal')) as implicit_casts
`
