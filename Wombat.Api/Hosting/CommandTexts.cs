namespace Wombat.Api.Hosting;

/// <summary>The details in the help of each command.</summary>
internal static class CommandTexts
{
    public const string Settings = """
        Settings come from a JSON file (WOMBAT_CONFIG), the environment (WOMBAT_JOBS_CONCURRENCY) and switches
        (--jobs-concurrency 4). A switch overrides the environment, which overrides the file. docs/configuration.md
        lists all settings. Exit codes: 0 success, 1 failure, 2 wrong usage or a wrong setting.
        """;

    public const string Serve = """
        Applies missing migrations, starts the embedded PostgreSQL where no server is configured, and serves until
        SIGINT or SIGTERM. Exits with 0 after a stop, with 2 when a setting is wrong, with 1 when it cannot start.
        """;

    public const string Migrate = "Applies missing migrations. With the embedded PostgreSQL, stop Wombat first.";

    public const string Down = """
        Databases and containers of this machine run on when Wombat stops; this command stops them. Stop Wombat first. The
        next start of Wombat starts the databases again; containers are started through the API.
        """;

    public const string CheckConfig = """
        Reports every wrong, missing or unknown setting, one per line, and exits with 2; exits with 0 when there is none.
        Checks that key files, the container CLI and PostgreSQL's programs exist; contacts no server.
        """;

    public const string Backup = """
        The archive contains all tables of one snapshot, with checksums. An existing FILE is not replaced. Without
        --include-keys the paths of the key files are printed: keep copies of them apart from the archive.
        """;

    public const string Restore = """
        Needs an empty database: a new data directory or an empty database on an external server. Loads everything or
        nothing. Migrates a backup of an older version. Writes key files of the archive to their paths; an existing key
        file must be the same.
        """;

    public const string AdminToken = "Writes the new token to the file admin-token in the data directory.";

    public const string AuditVerify = "Exits with 0 when the audit is intact, else with 1, and names the first broken link.";

    public const string RotateSecrets = """
        Adds a key to the key file that Wombat created. With your own file (secrets.key_file), put a new key first in it
        before you run this command.
        """;

    public const string OpenApi = "Needs no database.";
}
