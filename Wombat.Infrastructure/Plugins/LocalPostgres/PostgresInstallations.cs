using System.Text.RegularExpressions;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// The versions of PostgreSQL on this machine. They are searched when first needed, since a Wombat with an external database may run
/// without any.
/// </summary>
internal sealed partial class PostgresInstallations(LocalPostgresOptions options)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1, 1);
    private IReadOnlyList<PostgresInstallation> found = [];
    private string? failure;
    private long searchedAt;

    /// <summary>One installation for each major version, the newest first; empty if there is none.</summary>
    public async Task<IReadOnlyList<PostgresInstallation>> FindAllAsync(CancellationToken cancel)
    {
        if (IsKnown)
        {
            return found;
        }

        await turn.WaitAsync(cancel);
        try
        {
            if (!IsKnown)
            {
                found = await SearchAsync(cancel);
                searchedAt = TimeProvider.System.GetTimestamp();
            }

            return found;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <exception cref="ExternalSystemException">The version is not installed.</exception>
    public async Task<PostgresInstallation> GetAsync(int? version, CancellationToken cancel)
    {
        var all = await FindAllAsync(cancel);
        return all.FirstOrDefault(i => version is null || i.Version == version)
            ?? throw (
                failure is null
                    ? new ExternalSystemException(ExternalFailure.Invalid, Missing(version, all))
                    : new ExternalSystemException(ExternalFailure.Unavailable, failure)
            );
    }

    // One that could not be asked may answer later.
    private bool IsKnown => found.Count > 0 && (failure is null || TimeProvider.System.GetElapsedTime(searchedAt) < RetryDelay);

    public static string Missing(int? version, IReadOnlyList<PostgresInstallation> all) =>
        all.Count == 0
            ? "PostgreSQL's programs are not installed on this machine. Run 'make setup' or install PostgreSQL."
            : $"PostgreSQL {version} is not installed on this machine; installed: {string.Join(", ", all.Select(i => i.Version))}.";

    private async Task<IReadOnlyList<PostgresInstallation>> SearchAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(options.Folder);
        new InstanceFolder(options.Folder).Create();
        var installations = new List<PostgresInstallation>();
        failure = null;
        foreach (var binaries in PostgresBinaries.FindAll(options.Binaries))
        {
            var user = await PostgresUser.ChooseAsync(options.Folder, binaries.Folder, cancel);
            var (program, arguments) = user.Wrap(Path.Combine(binaries.Folder, "postgres"), ["--version"]);
            var result = await ChildProcess.RunAsync(
                new ChildCommand(program, arguments, TimeSpan.FromSeconds(10)) { WorkingDirectory = "/" },
                cancel
            );
            if (VersionRegex().Match(result.Output) is { Success: true } match)
            {
                installations.Add(
                    new PostgresInstallation(int.Parse(match.Groups["major"].Value), match.Groups["full"].Value, binaries, user)
                );
            }
            else
            {
                failure = $"{binaries.Folder}/postgres does not tell its version: {result.ErrorTail}".Trim();
            }
        }

        return [.. installations.DistinctBy(i => i.Version).OrderByDescending(i => i.Version)];
    }

    [GeneratedRegex(
        @"\(PostgreSQL\) (?<full>(?<major>[0-9]+)[0-9.a-z]*)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex VersionRegex();
}
