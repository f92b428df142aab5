using System.Reflection;

namespace Wombat.Api.Hosting;

/// <summary>The commands of the program, with what their help says.</summary>
internal static class CommandHelp
{
    private const string Settings = """
        Settings come from a JSON file (WOMBAT_CONFIG), the environment (WOMBAT_JOBS_CONCURRENCY) and switches
        (--jobs-concurrency 4), the later over the earlier. docs/configuration.md lists them.
        """;

    public static readonly IReadOnlyList<CommandUsage> All =
    [
        new(
            "serve",
            "",
            "Start Wombat; the default",
            """
            Brings the database to this version, starts the embedded PostgreSQL where no server is configured, and serves
            until SIGINT or SIGTERM. Ends with 0 after a stop, with 2 when a setting is wrong, with 1 when it cannot start.
            """
        ),
        new(
            "migrate",
            "",
            "Bring the database to this version without starting Wombat",
            """
            Applies what is missing of the migrations. With the embedded PostgreSQL no Wombat may run meanwhile.
            """
        ),
        new(
            "check-config",
            "",
            "Check all settings and what they name; change nothing",
            """
            Reports every wrong, missing or unknown setting, one a line, and ends with 2; ends with 0 when there is none.
            Key files, the container CLI and PostgreSQL's programs are looked for; no server is contacted.
            """
        ),
        new(
            "backup",
            "FILE [--include-keys]",
            "Write all data into the archive FILE, also while Wombat runs",
            """
            The archive has all tables as one snapshot shows them, with checksums. An existing FILE is not replaced.

              --include-keys   put the key files (secrets-key, audit-key.pem) into the archive too. Without it their places
                               are printed: keep copies of them apart from the archive.
            """
        ),
        new(
            "restore",
            "FILE",
            "Load the archive FILE into an empty database",
            """
            For an empty database of a new data directory or of an outside server; refused where there are rows. Either all is
            loaded or no row. A backup of an older Wombat is brought to this version. Key files in the archive are
            written to their places; one that lies there already must be the same.
            """
        ),
        new(
            "admin-token",
            "",
            "Revoke the admin token and write a new one, also while Wombat runs",
            """
            The new token lies in the file admin-token in the data directory.
            """
        ),
        new(
            "audit-verify",
            "",
            "Verify the audit's hash chain and signatures, also while Wombat runs",
            """
            Ends with 0 when the audit is intact, else with 1, and names the first broken link.
            """
        ),
        new(
            "rotate-secrets",
            "",
            "Encrypt the stored secrets with a new key, also while Wombat runs",
            """
            Adds a key to the file of Wombat's own making; a file of yours (secrets.key_file) you change yourself beforehand.
            """
        ),
        new("openapi", "FILE", "Write the OpenAPI document to FILE", "Needs no database."),
        new("version", "", "Print the version", ""),
        new("help", "[COMMAND]", "Print this, or the help of a command", ""),
    ];

    public static string Version =>
        typeof(CommandHelp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static string Overview()
    {
        var lines = All.Select(c => $"  {c.Name, -15} {c.Summary}");
        return $"Wombat {Version}: self-service for teams that run software\n\nUsage: wombat [COMMAND] [--SETTING VALUE]...\n\n{string.Join('\n', lines)}\n\n'wombat COMMAND --help' says more about a command.\n{Settings}";
    }

    /// <exception cref="CommandLineException">There is no such command.</exception>
    public static string Of(string name)
    {
        var command = Find(name);
        return $"{command.Summary}\n\nUsage: wombat {command.Name}{(command.Operands.Length > 0 ? " " + command.Operands : "")} [--SETTING VALUE]...\n{(command.Details.Length > 0 ? $"\n{command.Details}\n" : "")}\n{Settings}";
    }

    /// <exception cref="CommandLineException">There is no such command; the message suggests the nearest.</exception>
    public static CommandUsage Find(string name)
    {
        if (All.FirstOrDefault(c => c.Name == name) is { } found)
        {
            return found;
        }

        var nearest = All.MinBy(c => Distance(name, c.Name))!.Name;
        throw new CommandLineException(
            Distance(name, nearest) <= Math.Max(2, name.Length / 3)
                ? $"{name}: is not a command. Did you mean {nearest}?"
                : $"{name}: is not a command. 'wombat --help' lists them."
        );
    }

    // Levenshtein's: how many letters must be added, removed or replaced.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
