using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>An installed version of PostgreSQL.</summary>
/// <param name="Version">The major version.</param>
/// <param name="FullVersion">Such as <c>18.4</c>.</param>
internal sealed record PostgresInstallation(int Version, string FullVersion, PostgresBinaries Binaries, PostgresUser User)
{
    /// <summary>Runs one of its programs under the account of the servers.</summary>
    /// <param name="addressSpaceMib">A limit of the address space of each process that is started; null for none.</param>
    public Task<ChildResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        string workingDirectory,
        TimeSpan timeout,
        CancellationToken cancel,
        long? addressSpaceMib = null
    )
    {
        var path = Path.Combine(Binaries.Folder, program);
        var (file, all) = addressSpaceMib is { } limit
            ? User.Wrap("/usr/bin/prlimit", [$"--as={limit * 1024 * 1024}", path, .. arguments])
            : User.Wrap(path, arguments);
        return ChildProcess.RunAsync(
            new ChildCommand(file, all, timeout)
            {
                WorkingDirectory = workingDirectory,

                // When memory runs out, the kernel ends a session rather than the server.
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["PG_OOM_ADJUST_FILE"] = "/proc/self/oom_score_adj",
                    ["PG_OOM_ADJUST_VALUE"] = "300",
                },
            },
            cancel
        );
    }
}
