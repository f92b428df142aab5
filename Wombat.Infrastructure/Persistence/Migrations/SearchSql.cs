namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>
/// The search of names. PostgreSQL's lower and pg_trgm know only ASCII where the server's locale is C, so folding names a
/// collation, and the index holds trigrams that are cut here.
/// </summary>
internal static class SearchSql
{
    public const string Up = """
        do $do$
        declare
            folding text;
        begin
            -- ICU where the server was built with it, as nearly all are; else the best that it has.
            select format('pg_catalog.%I', collname) into folding from pg_collation where collname in ('und-x-icu', 'pg_unicode_fast', 'pg_c_utf8', 'default')
                order by array_position(array['und-x-icu', 'pg_unicode_fast', 'pg_c_utf8', 'default']::name[], collname) limit 1;
            -- Upper case makes one of ss and sharp s, and of both small sigmas; the Turkish dotted I is the one that stays apart.
            execute format($fn$create function search_fold(text) returns text language sql immutable parallel safe as $$ select translate(upper(normalize($1, NFKC) collate %s), 'İ', 'I') $$$fn$, folding);
        end $do$;
        create function search_grams(folded text) returns text[] language sql immutable parallel safe as $$
            select coalesce(array_agg(distinct substr(folded, i, 3)), '{}') from generate_series(1, char_length(folded) - 2) i
        $$;
        create function search_matches(text, term text) returns boolean language sql immutable parallel safe as $$
            select search_grams(search_fold($1)) @> search_grams(search_fold($2)) and strpos(search_fold($1), search_fold($2)) > 0
        $$;
        drop index ix_projects_search;
        create index ix_projects_search on projects using gin (search_grams(search_fold(unix_name || ' ' || name))) where deleted_at is null;
        create index ix_users_search on users using gin (search_grams(search_fold(login || ' ' || full_name)));
        """;

    public const string Down = """
        drop index ix_users_search;
        drop index ix_projects_search;
        create index ix_projects_search on projects using gin (lower(unix_name || ' ' || name) gin_trgm_ops) where deleted_at is null;
        drop function search_matches(text, text);
        drop function search_grams(text);
        drop function search_fold(text);
        """;
}
