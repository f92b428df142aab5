namespace Wombat.Infrastructure.Configuration;

/// <summary>How the programs of commands run on this machine.</summary>
/// <param name="User">The account, by name; null for nobody as root, otherwise for Wombat's own.</param>
/// <param name="MemoryMib">The most memory of one run in MiB.</param>
/// <param name="Processes">The most processes and threads of one run.</param>
/// <param name="Grace">The time between SIGTERM and SIGKILL when a run is ended.</param>
/// <param name="HostCheck">The time after which a trusted host of SSH is contacted again.</param>
/// <param name="GitDirectories">The directories of this machine whose git repositories may be workspaces.</param>
/// <param name="GitMib">The most MiB of a commit of a git repository.</param>
/// <param name="GitTime">The time after which the checkout of a git repository is given up.</param>
public sealed record CommandSettings(
    string? User,
    int MemoryMib,
    int Processes,
    TimeSpan Grace,
    TimeSpan HostCheck,
    IReadOnlyList<string> GitDirectories,
    int GitMib,
    TimeSpan GitTime
)
{
    internal static CommandSettings Read(SettingsReader reader) =>
        new(
            reader.Text("commands.user"),
            reader.Number("commands.memory_mib", 1024, 16, 1_000_000),
            reader.Number("commands.processes", 512, 8, 100_000),
            reader.Seconds("commands.grace_seconds", 10, 0.1, 600),
            reader.Seconds("commands.host_check_seconds", 300, 1, 86_400),
            ReadDirectories(reader, "commands.git_directories"),
            reader.Number("commands.git_mib", 1024, 1, 1_000_000),
            reader.Seconds("commands.git_seconds", 300, 1, 86_400)
        );

    private static IReadOnlyList<string> ReadDirectories(SettingsReader reader, string name) =>
        reader.List(name) is not { } paths ? []
        : paths.All(p => p.StartsWith('/')) ? [.. paths.Select(p => Path.TrimEndingDirectorySeparator(Path.GetFullPath(p)))]
        : reader.Report<IReadOnlyList<string>>(name, "must be a list of absolute paths", []);
}
