namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>The tokens that were there before tokens had owners: all of them the first admin's.</summary>
internal static class AccessSql
{
    public const string Before = """
        create temporary table earlier_tokens on commit drop as table access_tokens;
        drop table access_tokens;
        """;

    public const string After = """
        insert into access_tokens (id, name, hash, scope, created_at, created_by, revoked_at)
        select id, name, hash, 'manage', created_at, 'system', revoked_at from earlier_tokens;
        """;

    public const string Down = """
        create table access_tokens (
            id uuid constraint pk_access_tokens primary key,
            name varchar(255) not null,
            hash bytea not null constraint ux_access_tokens_hash unique,
            created_at timestamptz not null,
            revoked_at timestamptz
        );
        """;
}
