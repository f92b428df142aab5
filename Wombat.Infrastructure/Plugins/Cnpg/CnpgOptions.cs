using System.Globalization;
using System.Text.RegularExpressions;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Where an instance of the plugin creates databases. README.md beside this file describes the settings.</summary>
public sealed partial record CnpgOptions
{
    private const string ProjectPlaceholder = "{project}";

    /// <summary>The name of the plugin instance.</summary>
    public required string Instance { get; init; }

    /// <summary>The path of a kubeconfig file; null inside a Pod, with its service account.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context of the kubeconfig file; null for its current one.</summary>
    public string? Context { get; init; }

    /// <summary>The namespace of the databases; <c>{project}</c> stands for the unix name of the project.</summary>
    public string Namespace { get; init; } = "databases";

    /// <summary>Whether a missing namespace is created.</summary>
    public bool CreatesNamespaces { get; init; }

    /// <summary>The image by major version of PostgreSQL.</summary>
    public IReadOnlyDictionary<int, string> Images { get; init; } = new Dictionary<int, string>();

    /// <summary>Where backups are stored; null for none.</summary>
    public ObjectStoreOptions? ObjectStore { get; init; }

    /// <summary>Whether clients outside of the cluster connect through a load balancer.</summary>
    public bool UsesLoadBalancer { get; init; }

    /// <summary>The label of the namespaces whose Pods may connect, with the placeholder <c>{project}</c>.</summary>
    public string ClientLabel { get; init; } = "wombat/project={project}";

    /// <summary>The networks that may connect besides, in CIDR notation.</summary>
    public IReadOnlyList<string> ClientNetworks { get; init; } = [];

    /// <summary>The namespace of the operator, which must reach every Pod.</summary>
    public string OperatorNamespace { get; init; } = "cnpg-system";

    /// <summary>The longest time of one call of the API, repetitions included.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time of a backup.</summary>
    public TimeSpan BackupTimeout { get; init; } = TimeSpan.FromHours(6);

    /// <summary>The time between two looks at an object that is waited for.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The namespace that holds all databases; null when each project has its own.</summary>
    public string? FixedNamespace => Namespace.Contains(ProjectPlaceholder, StringComparison.Ordinal) ? null : Namespace;

    public string NamespaceOf(string project) => Namespace.Replace(ProjectPlaceholder, project, StringComparison.Ordinal);

    /// <summary>The label of the client namespaces of a project, as name and value.</summary>
    public (string Name, string Value) ClientLabelOf(string project) =>
        ClientLabel.Replace(ProjectPlaceholder, project, StringComparison.Ordinal).Split('=', 2) is [var name, var value]
            ? (name, value)
            : throw new InvalidOperationException("The label has no value.");

    public static CnpgOptions Read(PluginSection section) =>
        new()
        {
            Instance = section.Instance,
            Kubeconfig = section.Text("kubeconfig"),
            Context = section.Text("context"),
            Namespace = ReadNamespace(section),
            CreatesNamespaces = section.Flag("create_namespaces", defaultValue: false),
            Images = ReadImages(section),
            ObjectStore = ObjectStoreOptions.Read(section),
            UsesLoadBalancer = section.Flag("load_balancer", defaultValue: false),
            ClientLabel = ReadLabel(section),
            ClientNetworks = section.List("client_networks") ?? [],
            OperatorNamespace = section.Text("operator_namespace") ?? "cnpg-system",
            CallTimeout = section.Seconds("call_timeout_seconds", 30, 0.1, 600),
            BackupTimeout = section.Seconds("backup_timeout_seconds", 21600, 1, 604800),
        };

    private static string ReadNamespace(PluginSection section)
    {
        var text = section.Text("namespace") ?? "databases";
        return LabelRegex().IsMatch(text.Replace(ProjectPlaceholder, "p", StringComparison.Ordinal))
            ? text
            : section.Report(
                "namespace",
                $"must be the name of a namespace, possibly with {ProjectPlaceholder}, not '{text}'",
                "databases"
            );
    }

    private static string ReadLabel(PluginSection section)
    {
        const string Standard = "wombat/project={project}";
        var text = section.Text("client_label") ?? Standard;
        return text.Split('=') is [{ Length: > 0 }, { Length: > 0 }]
            ? text
            : section.Report("client_label", $"must be NAME=VALUE, not '{text}'", Standard);
    }

    private static Dictionary<int, string> ReadImages(PluginSection section)
    {
        var images = new Dictionary<int, string>();
        foreach (var line in section.List("images") ?? [])
        {
            if (
                line.Split('=', 2) is [var version, { Length: > 0 } image]
                && int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            )
            {
                images[major] = image;
            }
            else
            {
                section.Report(
                    "images",
                    $"must be a list of VERSION=IMAGE, such as 18=registry.example.org/postgresql:18, not '{line}'",
                    0
                );
            }
        }

        return images;
    }

    [GeneratedRegex(
        @"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex LabelRegex();
}
