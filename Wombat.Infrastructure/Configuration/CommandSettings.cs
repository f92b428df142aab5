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
/// <param name="KeyDirectory">Where the keys are that admins may name for hosts; null for nowhere.</param>
/// <param name="AgentSocket">The socket of the SSH agent that admins may choose for hosts; null for none.</param>
/// <param name="SshConfig">The OpenSSH client configuration by whose names admins may register hosts; null for none.</param>
public sealed record CommandSettings(
    string? User,
    int MemoryMib,
    int Processes,
    TimeSpan Grace,
    TimeSpan HostCheck,
    IReadOnlyList<string> GitDirectories,
    int GitMib,
    TimeSpan GitTime,
    string? KeyDirectory,
    string? AgentSocket,
    string? SshConfig
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
            reader.Seconds("commands.git_seconds", 300, 1, 86_400),
            ReadPath(reader, "commands.key_directory"),
            ReadPath(reader, "commands.agent_socket"),
            ReadPath(reader, "commands.ssh_config")
        );

    private static string? ReadPath(SettingsReader reader, string name) =>
        reader.Text(name) is not { } path ? null
        : Path.IsPathFullyQualified(path) && path.AsSpan().IndexOfAny("\"\\$") < 0 ? path
        : reader.Report<string?>(name, "must be an absolute path without quotation marks, backslashes and dollar signs", null);

    private static IReadOnlyList<string> ReadDirectories(SettingsReader reader, string name) =>
        reader.List(name) is not { } paths ? []
        : paths.All(p => p.StartsWith('/')) ? [.. paths.Select(p => Path.TrimEndingDirectorySeparator(Path.GetFullPath(p)))]
        : reader.Report<IReadOnlyList<string>>(name, "must be a list of absolute paths", []);
}
