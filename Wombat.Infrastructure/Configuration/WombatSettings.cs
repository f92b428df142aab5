using System.Net;
using System.Reflection;
using Npgsql;
using Wombat.Application.Containers;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;

namespace Wombat.Infrastructure.Configuration;

/// <summary>All settings, read and validated once at the start. See docs/configuration.md.</summary>
public sealed record WombatSettings
{
    public required string DataDirectory { get; init; }

    public required IPAddress Address { get; init; }

    public required int Port { get; init; }

    /// <summary>Null to run an embedded PostgreSQL in the data directory.</summary>
    public required string? ConnectionString { get; init; }

    /// <summary>The folder of PostgreSQL's programs; null to search for it.</summary>
    public required string? PostgresBinaries { get; init; }

    public required Roles Roles { get; init; }

    public required LogSettings Log { get; init; }

    /// <summary>Whether all requests are logged, not only failed ones.</summary>
    public bool AccessLog { get; init; }

    /// <summary>A token that can only read the metrics; null for none.</summary>
    public string? MetricsToken { get; init; }

    public required JobSettings Jobs { get; init; }

    public required TimeSpan ReconcileInterval { get; init; }

    /// <summary>How long after its last heartbeat a host counts as lost.</summary>
    public required TimeSpan HostTimeout { get; init; }

    /// <summary>How long before the expiry of a resource people are warned.</summary>
    public required TimeSpan ExpiryWarning { get; init; }

    public required TimeSpan PluginHealthInterval { get; init; }

    public required AuditSettings Audit { get; init; }

    public required QuotaLimits Quotas { get; init; }

    public required SessionSettings Sessions { get; init; }

    public required ConsoleSettings Consoles { get; init; }

    public required CommandSettings Commands { get; init; }

    public required PublishSettings Publish { get; init; }

    /// <summary>The interval at which the containers of this host are measured.</summary>
    public required TimeSpan SampleInterval { get; init; }

    /// <summary>The most containers that /metrics names.</summary>
    public required int ExportedContainers { get; init; }

    /// <summary>The named sizes of containers.</summary>
    public required ContainerSizes ContainerSizes { get; init; }

    public required EdgeSettings Edges { get; init; }

    /// <summary>The URL at which browsers reach Wombat, without a trailing slash.</summary>
    public required string PublicUrl { get; init; }

    /// <summary>
    /// The file with the keys that encrypt stored secrets; null for a file in the data directory. All replicas need the same file.
    /// </summary>
    public string? SecretsKeyFile { get; init; }

    public OidcSettings? Oidc { get; init; }

    public JwtSettings? Jwt { get; init; }

    public LdapSettings? Ldap { get; init; }

    public required IReadOnlyList<PluginSettings> Plugins { get; init; }

    /// <summary>All settings as they were read.</summary>
    internal IReadOnlyCollection<ReadSetting> InEffect { get; private init; } = [];

    /// <summary>Assemblies besides the server's own that contribute resource kinds and plugin types.</summary>
    public IReadOnlyList<Assembly> Extensions { get; init; } = [];

    /// <param name="extensions">See <see cref="Extensions"/>.</param>
    /// <exception cref="SettingsException">A setting is invalid or unknown; the message names it.</exception>
    public static WombatSettings Read(
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string> arguments,
        params IReadOnlyList<Assembly> extensions
    )
    {
        var merged = Merge(environment, arguments);
        var reader = new SettingsReader(merged.GetValueOrDefault("WOMBAT_CONFIG"), merged, arguments.Keys.Select(VariableOf));
        var dataDirectory = Path.GetFullPath(reader.Text("data_dir") ?? ".wombat");
        var settings = new WombatSettings
        {
            DataDirectory = dataDirectory,
            Address = ReadAddress(reader),
            Port = reader.Number("port", 8080, 1, 65535),
            ConnectionString = reader.Collect("connection_string", () => ReadConnectionString(reader, merged)),
            PostgresBinaries = reader.Text("postgres_bin"),
            Roles = ReadRoles(reader),
            Log = LogSettings.Read(reader),
            AccessLog = reader.Flag("access_log", defaultValue: false),
            MetricsToken = ReadMetricsToken(reader),
            Jobs = JobSettings.Read(reader),
            ReconcileInterval = reader.Seconds("reconciler.interval_seconds", 3, 0.1, 3600),
            HostTimeout = reader.Seconds("hosts.timeout_seconds", 30, 1, 86_400),
            ExpiryWarning = TimeSpan.FromDays(reader.Number("resources.expiry_warning_days", 3, 0, 365)),
            PluginHealthInterval = reader.Seconds("plugins.health_interval_seconds", 15, 0.1, 3600),
            Sessions = SessionSettings.Read(reader),
            Consoles = ConsoleSettings.Read(reader),
            Commands = CommandSettings.Read(reader),
            Publish = PublishSettings.Read(reader),
            SampleInterval = reader.Seconds("container_metrics.interval_seconds", 60, 1, 3600),
            ExportedContainers = reader.Number("container_metrics.exported", 100, 0, 10_000),
            ContainerSizes = SizeSettings.Read(reader),
            Quotas = ReadQuotas(reader, extensions),
            Edges = EdgeSettings.Read(reader),
            Audit = AuditSettings.Read(reader),
            PublicUrl = ReadPublicUrl(reader),
            SecretsKeyFile = reader.Text("secrets.key_file"),
            Oidc = reader.Collect("auth.oidc.", () => OidcSettings.Read(reader)),
            Jwt = reader.Collect("auth.jwt.", () => JwtSettings.Read(reader)),
            Ldap = reader.Collect("ldap.", () => LdapSettings.Read(reader)),
            Plugins = PluginSettings.ReadAll(
                reader,
                merged,
                dataDirectory,
                reader.Seconds("reconciler.interval_seconds", 3, 0.1, 3600),
                [typeof(WombatSettings).Assembly, .. extensions]
            ),
            Extensions = extensions,
        };
        reader.ThrowOnProblems();
        return settings with { InEffect = reader.Read };
    }

    private static string VariableOf(string argument) => "WOMBAT_" + argument.Replace('-', '_').ToUpperInvariant();

    // A switch such as --roles is the setting's name and overrides everything else.
    private static Dictionary<string, string> Merge(
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string> arguments
    )
    {
        var merged = new Dictionary<string, string>(environment, StringComparer.Ordinal);
        foreach (var (name, value) in arguments)
        {
            merged[VariableOf(name)] = value;
        }

        return merged;
    }

    private static IPAddress ReadAddress(SettingsReader reader) =>
        IPAddress.TryParse(reader.Text("address") ?? "127.0.0.1", out var address)
            ? address
            : reader.Report("address", "must be an IP address", IPAddress.Loopback);

    private static string? ReadMetricsToken(SettingsReader reader) =>
        reader.Secret("metrics.token") switch
        {
            null => null,
            { Length: >= 32 } token => token,
            _ => reader.Report<string?>("metrics.token", "must have at least 32 characters; create one with: openssl rand -hex 32", null),
        };

    private static QuotaLimits ReadQuotas(SettingsReader reader, IReadOnlyList<Assembly> extensions) =>
        new(
            reader.Number("quotas.projects_per_user", 100, 0, 1_000_000),
            ResourceKinds
                .In([typeof(ResourceKinds).Assembly, .. extensions])
                .All.SelectMany(k => k.QuotaDimensions)
                .ToDictionary(d => d.Name, d => reader.Number($"quotas.{d.Name}", d.Default, 0, d.Max), StringComparer.Ordinal)
        );

    private static string ReadPublicUrl(SettingsReader reader)
    {
        var url = reader.Text("public_url") ?? $"http://127.0.0.1:{reader.Number("port", 8080, 1, 65535)}";
        return
            Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.Query.Length + uri.Fragment.Length == 0
            ? url.TrimEnd('/')
            : reader.Report("public_url", $"must be a URL such as https://wombat.example.org, not '{url}'", url);
    }

    private static Roles ReadRoles(SettingsReader reader)
    {
        var roles = Roles.None;
        foreach (var word in reader.List("roles") ?? ["api", "worker", "reconciler"])
        {
            roles |= word switch
            {
                "api" => Roles.Api,
                "worker" => Roles.Worker,
                "reconciler" => Roles.Reconciler,
                _ => reader.Report("roles", $"must be api, worker or reconciler, not '{word}'", Roles.None),
            };
        }

        return roles;
    }

    private static string? ReadConnectionString(SettingsReader reader, Dictionary<string, string> environment)
    {
        var text = reader.Text("connection_string", environment, "ConnectionStrings__Wombat", "DATABASE_URL");
        reader.Hide("connection_string");
        if (text is null)
        {
            return null;
        }

        try
        {
            return PostgresUrl.IsUrl(text)
                ? PostgresUrl.ToConnectionString(text)
                : new NpgsqlConnectionStringBuilder(text).ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The message must not contain the text, because it contains the password.
            var source =
                environment.ContainsKey("ConnectionStrings__Wombat") ? "ConnectionStrings__Wombat"
                : environment.ContainsKey("DATABASE_URL") ? "DATABASE_URL"
                : "connection_string";
            throw new SettingsException(
                source,
                PostgresUrl.IsUrl(text) ? e.Message : "is neither a PostgreSQL connection string nor a postgres:// URL"
            );
        }
    }
}
