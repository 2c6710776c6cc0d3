/** The built-in aggregates. */
export const aggregates: ReadonlySet<string> = new Set(
  `
  count sum avg min max any_value bool_and bool_or every bit_and bit_or bit_xor string_agg array_agg
  json_agg jsonb_agg json_object_agg jsonb_object_agg json_agg_strict jsonb_agg_strict json_object_agg_strict
  jsonb_object_agg_strict json_object_agg_unique jsonb_object_agg_unique json_object_agg_unique_strict
  jsonb_object_agg_unique_strict range_agg range_intersect_agg
  corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy
  regr_syy stddev stddev_pop stddev_samp variance var_pop var_samp mode percentile_cont percentile_disc
  `
    .trim()
    .split(/\s+/),
)

/**
 * Built-in functions whose result follows from their arguments and the pinned session settings alone (DateStyle,
 * TimeZone, text search configuration): no clock, no randomness, no catalog, no rows of their own.
 * What is not listed is not cached (DESIGN §3, rule 13).
 */
const pure = new Set(
  `
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value

  abs cbrt ceil ceiling degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod
  pi power pow radians round scale sign sqrt trim_scale trunc width_bucket acos acosd asin asind atan atand atan2
  atan2d cos cosd cot cotd sin sind tan tand sinh cosh tanh asinh acosh atanh
  int2 int4 int8 float4 float8 numeric bool text varchar bpchar

  ascii bit_length btrim casefold char_length character_length chr concat concat_ws convert convert_from convert_to
  crc32 crc32c decode encode format initcap left length lower lpad ltrim md5 normalize is_normalized octet_length
  overlay parse_ident position quote_ident quote_literal quote_nullable regexp_count regexp_instr regexp_like
  regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat
  replace reverse right rpad rtrim sha224 sha256 sha384 sha512 split_part starts_with string_to_array
  string_to_table strpos substr substring to_ascii to_bin to_hex to_oct translate trim unicode_assigned unistr upper
  like notlike like_escape similar_escape similar_to_escape textcat textlen
  bit_count get_bit get_byte set_bit set_byte

  date_part extract date_trunc date_bin date_add date_subtract justify_days justify_hours justify_interval
  make_date make_interval make_time make_timestamp make_timestamptz isfinite to_char to_date to_number to_timestamp
  timezone date time timestamp timestamptz interval overlaps

  json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
  json_each_text json_extract_path json_extract_path_text json_object json_object_keys json_scalar json_serialize
  json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_array_elements jsonb_array_elements_text
  jsonb_array_length jsonb_build_array jsonb_build_object jsonb_concat jsonb_contains jsonb_delete jsonb_each
  jsonb_each_text jsonb_exists jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
  jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array
  jsonb_path_query_first jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset
  jsonb_typeof row_to_json to_json to_jsonb array_to_json

  array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions
  array_prepend array_remove array_replace array_reverse array_sort array_to_string array_upper cardinality
  trim_array unnest generate_series generate_subscripts num_nulls num_nonnulls

  lower_inc lower_inf upper_inc upper_inf isempty range_merge multirange int4range int8range numrange tsrange
  tstzrange daterange
  to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd ts_headline
  setweight strip numnode querytree tsvector_to_array array_to_tsvector ts_delete ts_filter
  abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network
  area center diameter height radius width point box circle line lseg path polygon npoints
  hashtext hashint4 hashint8 uuid_extract_timestamp uuid_extract_version

  nullif coalesce greatest least
  `
    .trim()
    .split(/\s+/),
)

/** Not cacheable, but known to change nothing; anything else that is not listed here may write. */
const harmless = new Set(
  `
  now clock_timestamp statement_timestamp transaction_timestamp timeofday age random random_normal
  gen_random_uuid uuidv4 uuidv7 array_sample array_shuffle
  current_setting set_config version current_database current_catalog current_schema current_schemas current_query
  pg_backend_pid pg_sleep pg_sleep_for pg_sleep_until currval lastval inet_client_addr inet_client_port
  inet_server_addr inet_server_port pg_typeof pg_is_in_recovery pg_current_wal_lsn pg_current_wal_insert_lsn
  pg_current_wal_flush_lsn pg_last_wal_replay_lsn pg_current_snapshot pg_snapshot_xmin pg_snapshot_xmax
  pg_visible_in_snapshot pg_postmaster_start_time pg_relation_size pg_total_relation_size pg_table_size
  pg_database_size pg_size_pretty pg_get_expr pg_get_constraintdef pg_get_indexdef pg_get_viewdef
  pg_get_serial_sequence pg_table_is_visible format_type obj_description col_description to_regclass to_regtype
  has_table_privilege has_schema_privilege has_column_privilege pg_try_advisory_lock pg_advisory_lock
  pg_advisory_unlock pg_try_advisory_xact_lock pg_advisory_xact_lock
  `
    .trim()
    .split(/\s+/),
)

/** Of the harmless: those that depend on the moment or on chance, and on nothing else beyond their arguments. */
const momentary = new Set(
  'now clock_timestamp statement_timestamp transaction_timestamp timeofday random gen_random_uuid uuidv4 uuidv7'.split(
    ' ',
  ),
)

export function isMomentary(name: string): boolean {
  return momentary.has(name)
}

/** Functions that take text as text: a word like `today` among their arguments is not a date. */
const textual =
  /^(json|concat|format$|lower$|upper$|replace$|left$|right$|strpos$|position$|starts_with$|like|notlike|regexp_|.*tsquery$|to_tsvector$|string_agg$)/

export type FunctionVerdict = 'pure' | 'harmless' | 'unknown'

export function judgeFunction(name: string, argumentCount: number): FunctionVerdict {
  // With one argument age() counts from today, with two from the second.
  if (name === 'age' && argumentCount === 2) return 'pure'
  if (pure.has(name) || aggregates.has(name)) return 'pure'
  return harmless.has(name) ? 'harmless' : 'unknown'
}

export function takesText(name: string): boolean {
  return textual.test(name)
}
