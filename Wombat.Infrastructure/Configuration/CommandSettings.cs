namespace Wombat.Infrastructure.Configuration;

/// <summary>How the programs of commands run on this machine.</summary>
/// <param name="User">The account, by name; null for nobody as root, otherwise for Wombat's own.</param>
/// <param name="MemoryMib">The most memory of one run in MiB.</param>
/// <param name="Processes">The most processes and threads of one run.</param>
/// <param name="Grace">The time between SIGTERM and SIGKILL when a run is ended.</param>
/// <param name="HostCheck">The time after which a trusted host of SSH is contacted again.</param>
public sealed record CommandSettings(string? User, int MemoryMib, int Processes, TimeSpan Grace, TimeSpan HostCheck)
{
    internal static CommandSettings Read(SettingsReader reader) =>
        new(
            reader.Text("commands.user"),
            reader.Number("commands.memory_mib", 1024, 16, 1_000_000),
            reader.Number("commands.processes", 512, 8, 100_000),
            reader.Seconds("commands.grace_seconds", 10, 0.1, 600),
            reader.Seconds("commands.host_check_seconds", 300, 1, 86_400)
        );
}
