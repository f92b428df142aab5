namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>What only SQL reads and writes of signing in.</summary>
internal static class SignInSql
{
    public const string Up = """
        create table sign_in_failures (
            subject bytea not null constraint pk_sign_in_failures primary key,
            failures integer not null,
            wait_until timestamptz not null,
            last_at timestamptz not null
        );

        create table data_protection_keys (
            name varchar(255) not null constraint pk_data_protection_keys primary key,
            xml bytea not null
        );
        """;

    public const string Down = """
        drop table sign_in_failures;
        drop table data_protection_keys;
        """;
}
