using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>How the container CLI is called. See README.md beside this file.</summary>
public sealed record ProxmoxSettings
{
    public required string CliPath { get; init; }

    /// <summary>The CLI speaks forge's full language; else only create, status and delete are expected of it.</summary>
    public required bool IsForge { get; init; }

    /// <summary>What the CLI makes lives on this machine, such as forge's local containers.</summary>
    public required bool IsHostBound { get; init; }

    public required IReadOnlyList<string> CreateArguments { get; init; }

    public required IReadOnlyList<string> StatusArguments { get; init; }

    public required IReadOnlyList<string> DeleteArguments { get; init; }

    /// <summary>Finds by name or key what an unheard create has made; empty where the CLI cannot.</summary>
    public required IReadOnlyList<string> FindArguments { get; init; }

    public required IReadOnlyList<string> StartArguments { get; init; }

    public required IReadOnlyList<string> StopArguments { get; init; }

    public required IReadOnlyList<string> RestartArguments { get; init; }

    public required TimeSpan CreateTimeout { get; init; }

    public required TimeSpan CallTimeout { get; init; }

    /// <summary>For key files and as the CLI's own data directory.</summary>
    public required string DataDirectory { get; init; }

    public static ProxmoxSettings Read(SettingsReader reader, IReadOnlyDictionary<string, string> environment, string dataDirectory)
    {
        var path = Path.GetFullPath(
            reader.Text("plugins.proxmox.cli_path", environment, "PROXMOX_CLI_PATH")
                ?? Path.Combine(AppContext.BaseDirectory, "forge", "forge")
        );
        var isForge = reader.Text("plugins.proxmox.dialect") switch
        {
            null => Path.GetFileName(path) == "forge",
            "forge" => true,
            "plain" => false,
            var other => reader.Report("plugins.proxmox.dialect", $"must be forge or plain, not '{other}'", otherwise: false),
        };
        IReadOnlyList<string> Arguments(string operation, string[] forge, string[] plain) =>
            reader.List($"plugins.proxmox.{operation}_args") ?? (isForge ? forge : plain);
        return new ProxmoxSettings
        {
            CliPath = path,
            IsForge = isForge,
            IsHostBound = reader.Flag(
                "plugins.proxmox.host_bound",
                otherwise: isForge && environment.GetValueOrDefault("FORGE_BACKEND") != "pve"
            ),
            CreateArguments = Arguments(
                "create",
                [
                    "create",
                    "--name",
                    "{name}",
                    "--template",
                    "{template}",
                    "--key",
                    "{key}",
                    "[--cpu {cpu}]",
                    "[--memory {memory}]",
                    "[--disk {disk}]",
                    "[--ssh-key-file {ssh_key_file}]",
                ],
                ["create", "--name", "{name}", "--template", "{template}"]
            ),
            StatusArguments = Arguments("status", ["status", "--id", "{id}", "[--key {key}]"], ["status", "--id", "{id}"]),
            DeleteArguments = Arguments("delete", ["delete", "--id", "{id}", "[--key {key}]"], ["delete", "--id", "{id}"]),
            FindArguments = Arguments("find", [], []),
            StartArguments = Arguments("start", ["start", "--id", "{id}", "[--key {key}]"], []),
            StopArguments = Arguments("stop", ["stop", "--id", "{id}", "[--key {key}]"], []),
            RestartArguments = Arguments("restart", ["restart", "--id", "{id}", "[--key {key}]"], []),
            CreateTimeout = reader.Seconds("plugins.proxmox.create_timeout_seconds", 900, 0.1, 86400),
            CallTimeout = reader.Seconds("plugins.proxmox.call_timeout_seconds", 120, 0.1, 86400),
            DataDirectory = dataDirectory,
        };
    }
}
