using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>How an instance calls its container CLI. See README.md beside this file.</summary>
public sealed record ProxmoxOptions
{
    private static readonly string[] LocalCreateArguments =
    [
        "[--environment-file {environment_file}]",
        "[--user-data-file {user_data_file}]",
        "[--from {from_id} --from-key {from_key} --snapshot {from_snapshot}]",
    ];
    private const StringSplitOptions NodeSplit = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    /// <summary>The name of the plugin instance.</summary>
    public required string Instance { get; init; }

    public required string CliPath { get; init; }

    /// <summary>Whether the CLI supports all commands of forge; otherwise only create, status and delete are used.</summary>
    public required bool IsForge { get; init; }

    /// <summary>Whether the CLI's containers exist only on this machine, such as forge's local containers.</summary>
    public required bool IsHostBound { get; init; }

    /// <summary>Whether the CLI is forge with the containers of this machine, in which it can run commands.</summary>
    public required bool IsLocal { get; init; }

    /// <summary>The nodes on which forge creates containers of Proxmox VE; empty if only Proxmox VE knows them.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>Whether no other Wombat creates containers with the CLI, so that all that have a key are of this Wombat.</summary>
    public required bool IsExclusive { get; init; }

    public required IReadOnlyList<string> CreateArguments { get; init; }

    public required IReadOnlyList<string> StatusArguments { get; init; }

    public required IReadOnlyList<string> DeleteArguments { get; init; }

    /// <summary>The arguments to find a container by name or key; empty if the CLI does not support it.</summary>
    public required IReadOnlyList<string> FindArguments { get; init; }

    public required IReadOnlyList<string> StartArguments { get; init; }

    public required IReadOnlyList<string> StopArguments { get; init; }

    public required IReadOnlyList<string> RestartArguments { get; init; }

    public required TimeSpan CreateTimeout { get; init; }

    public required TimeSpan CallTimeout { get; init; }

    /// <summary>Variables that the CLI gets besides the environment of the process.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The data directory, for temporary files and for the CLI.</summary>
    public required string DataDirectory { get; init; }

    public static ProxmoxOptions Read(PluginSection section)
    {
        // The variable is older than plugin instances and means the instance that existed then.
        var configured =
            section.Instance == ProxmoxPluginType.TypeName ? section.Text("cli_path", "PROXMOX_CLI_PATH") : section.Text("cli_path");
        var path = Path.GetFullPath(configured ?? Path.Combine(AppContext.BaseDirectory, "forge", "forge"));
        var isForge = section.Text("dialect") switch
        {
            null => Path.GetFileName(path) == "forge",
            "forge" => true,
            "plain" => false,
            var other => section.Report("dialect", $"must be forge or plain, not '{other}'", defaultValue: false),
        };
        var environment = ReadEnvironment(section);
        string? Variable(string name) => environment.GetValueOrDefault(name) ?? section.Environment.GetValueOrDefault(name);
        var isLocal = isForge && Variable("FORGE_BACKEND") != "pve";
        var isHostBound = section.Flag("host_bound", defaultValue: isLocal);
        IReadOnlyList<string> Arguments(string operation, string[] forge, string[] plain) =>
            section.List($"{operation}_args") ?? (isForge ? forge : plain);
        return new ProxmoxOptions
        {
            Instance = section.Instance,
            CliPath = path,
            IsForge = isForge,
            IsLocal = isLocal,
            Nodes = [.. (Variable("FORGE_PVE_NODE") ?? "").Split(',', NodeSplit).Where(n => n != "*")],
            IsHostBound = isHostBound,

            // The data directory belongs to one Wombat; another folder may be shared.
            IsExclusive = section.Flag(
                "exclusive",
                defaultValue: isLocal && isHostBound && environment["WOMBAT_DATA_DIR"] == section.DataDirectory
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
                    "[--network {network}]",
                    "[--hostname {hostname}]",
                    .. isLocal ? LocalCreateArguments : ["[--node {node}]"],
                ],
                ["create", "--name", "{name}", "--template", "{template}"]
            ),
            StatusArguments = Arguments("status", ["status", "--id", "{id}", "[--key {key}]"], ["status", "--id", "{id}"]),
            DeleteArguments = Arguments("delete", ["delete", "--id", "{id}", "[--key {key}]"], ["delete", "--id", "{id}"]),
            FindArguments = Arguments("find", [], []),
            StartArguments = Arguments("start", ["start", "--id", "{id}", "[--key {key}]"], []),
            StopArguments = Arguments("stop", ["stop", "--id", "{id}", "[--key {key}]"], []),
            RestartArguments = Arguments("restart", ["restart", "--id", "{id}", "[--key {key}]"], []),
            CreateTimeout = section.Seconds("create_timeout_seconds", 900, 0.1, 86400),
            CallTimeout = section.Seconds("call_timeout_seconds", 120, 0.1, 86400),
            DataDirectory = section.DataDirectory,
            Environment = environment,
        };
    }

    private static Dictionary<string, string> ReadEnvironment(PluginSection section)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = section.DataDirectory };
        var lines = section.List("cli_environment") ?? [];
        section.Hide("cli_environment");
        foreach (var line in lines)
        {
            var (name, value) =
                line.Split('=', 2) is [var first, var rest] && first.Length > 0
                    ? (first, rest)
                    : section.Report("cli_environment", $"must be a list of NAME=VALUE, not '{line}'", ("", ""));
            environment[name] = value;
        }

        return environment;
    }
}
