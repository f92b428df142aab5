namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>Hashes of the addresses and devices from which accounts have signed in. Only SQL reads and writes it.</summary>
internal static class SignInOriginSql
{
    public const string Up = """
        create table sign_in_origins (
            subject bytea not null constraint pk_sign_in_origins primary key,
            last_at timestamptz not null
        );
        """;

    public const string Down = "drop table sign_in_origins;";
}
