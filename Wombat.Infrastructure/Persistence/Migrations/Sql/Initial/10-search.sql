-- Search of names. With the locale C, PostgreSQL's lower() and pg_trgm handle ASCII only. So search_fold() names a collation, and the
-- index has the trigrams of search_grams().
do $do$
declare
    folding text;
begin
    -- ICU if the server was built with it, otherwise the best collation that the server has.
    select format('pg_catalog.%I', collname) into folding
    from pg_collation
    where collname in ('und-x-icu', 'pg_unicode_fast', 'pg_c_utf8', 'default')
    order by array_position(array['und-x-icu', 'pg_unicode_fast', 'pg_c_utf8', 'default']::name[], collname)
    limit 1;

    -- Upper case maps ss and sharp s to one text, and so both small sigmas. Only the Turkish dotted I needs a replacement.
    execute format($fn$create or replace function search_fold(text) returns text language sql immutable parallel safe as $$ select translate(upper(normalize($1, NFKC) collate %s), 'İ', 'I') $$$fn$, folding);
end $do$;

create or replace function search_grams(folded text) returns text[] language sql immutable parallel safe as $$
    select coalesce(array_agg(distinct substr(folded, i, 3)), '{}') from generate_series(1, char_length(folded) - 2) i
$$;

create or replace function search_matches(text, term text) returns boolean language sql immutable parallel safe as $$
    select search_grams(search_fold($1)) @> search_grams(search_fold($2)) and strpos(search_fold($1), search_fold($2)) > 0
$$;

create index if not exists ix_projects_search on projects
    using gin (search_grams(search_fold(unix_name || ' ' || name))) where deleted_at is null;
create index if not exists ix_users_search on users
    using gin (search_grams(search_fold(login || ' ' || full_name)));
