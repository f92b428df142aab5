using System.Net;
using System.Reflection;
using Npgsql;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;

namespace Wombat.Infrastructure.Configuration;

/// <summary>All settings, read and checked once at the start. docs/configuration.md lists them.</summary>
public sealed record WombatSettings
{
    public required string DataDirectory { get; init; }

    public required IPAddress Address { get; init; }

    public required int Port { get; init; }

    /// <summary>Null: Wombat runs its own PostgreSQL under the data directory.</summary>
    public required string? ConnectionString { get; init; }

    /// <summary>Where PostgreSQL's programs lie; null to look for them.</summary>
    public required string? PostgresBinaries { get; init; }

    public required Roles Roles { get; init; }

    public required string LogLevel { get; init; }

    /// <summary>Whether every request has a line in the log, and not only those that failed.</summary>
    public bool AccessLog { get; init; }

    /// <summary>The token that reads the metrics and nothing else; null for none.</summary>
    public string? MetricsToken { get; init; }

    public required JobSettings Jobs { get; init; }

    public required TimeSpan ReconcileInterval { get; init; }

    /// <summary>After which a host without a heartbeat counts as not heard of.</summary>
    public required TimeSpan HostTimeout { get; init; }

    public required TimeSpan PluginHealthInterval { get; init; }

    public required AuditSettings Audit { get; init; }

    public required QuotaLimits Quotas { get; init; }

    public required SessionSettings Sessions { get; init; }

    public required EdgeSettings Edges { get; init; }

    /// <summary>Where browsers reach Wombat; without a slash at its end.</summary>
    public required string PublicUrl { get; init; }

    /// <summary>Keys that encrypt stored secrets; null for a file made in the data directory. Replicas share one.</summary>
    public string? SecretsKeyFile { get; init; }

    public OidcSettings? Oidc { get; init; }

    public JwtSettings? Jwt { get; init; }

    public LdapSettings? Ldap { get; init; }

    public required IReadOnlyList<PluginSettings> Plugins { get; init; }

    /// <summary>Assemblies besides the server's own that contribute resource kinds and plugin types.</summary>
    public IReadOnlyList<Assembly> Extensions { get; init; } = [];

    /// <param name="extensions">See <see cref="Extensions"/>.</param>
    /// <exception cref="SettingsException">A setting is wrong or unknown; the message names it.</exception>
    public static WombatSettings Read(
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string> arguments,
        params IReadOnlyList<Assembly> extensions
    )
    {
        // A switch such as --roles is the setting's name, over everything else.
        var merged = new Dictionary<string, string>(environment, StringComparer.Ordinal);
        foreach (var (name, value) in arguments)
        {
            merged["WOMBAT_" + name.Replace('-', '_').ToUpperInvariant()] = value;
        }

        var reader = new SettingsReader(merged.GetValueOrDefault("WOMBAT_CONFIG"), merged);
        var dataDirectory = Path.GetFullPath(reader.Text("data_dir") ?? ".wombat");
        var settings = new WombatSettings
        {
            DataDirectory = dataDirectory,
            Address = IPAddress.TryParse(reader.Text("address") ?? "127.0.0.1", out var address)
                ? address
                : reader.Report("address", "must be an IP address", IPAddress.Loopback),
            Port = reader.Number("port", 8080, 1, 65535),
            ConnectionString = reader.Collect("connection_string", () => ReadConnectionString(reader, merged)),
            PostgresBinaries = reader.Text("postgres_bin"),
            Roles = ReadRoles(reader),
            LogLevel = reader.Text("log_level") is { } level
                ? level is "debug" or "information" or "warning" or "error"
                    ? level
                    : reader.Report("log_level", "must be debug, information, warning or error", "information")
                : "information",
            AccessLog = reader.Flag("access_log", otherwise: false),
            MetricsToken = reader.Secret("metrics.token") switch
            {
                null => null,
                { Length: >= 32 } token => token,
                _ => reader.Report<string?>(
                    "metrics.token",
                    "must have at least 32 characters, such as those of openssl rand -hex 32",
                    null
                ),
            },
            Jobs = new JobSettings(
                reader.Number("jobs.concurrency", 16, 1, 1000),
                reader.Seconds("jobs.lease_seconds", 10, 1, 3600),
                reader.Seconds("jobs.drain_seconds", 10, 0, 3600),
                reader.Seconds("jobs.retry_base_seconds", 2, 0.01, 3600),
                reader.Retention("jobs.retention_days"),
                reader.Number("jobs.log_max_mib", JobSettings.DefaultLogMaxMiB, 1, 1_000_000) * 1024L * 1024
            ),
            ReconcileInterval = reader.Seconds("reconciler.interval_seconds", 3, 0.1, 3600),
            HostTimeout = reader.Seconds("hosts.timeout_seconds", 30, 1, 86_400),
            PluginHealthInterval = reader.Seconds("plugins.health_interval_seconds", 15, 0.1, 3600),
            Sessions = new SessionSettings(
                TimeSpan.FromMinutes(reader.Number("sessions.idle_minutes", 720, 1, 100_000)),
                TimeSpan.FromMinutes(reader.Number("sessions.lifetime_minutes", 7 * 24 * 60, 1, 1_000_000)),
                reader.Flag("auth.anonymous_read", otherwise: false),
                reader.Text("auth.admin_token") switch
                {
                    null or "keep" => false,
                    "until_first_admin" => true,
                    _ => reader.Report("auth.admin_token", "must be keep or until_first_admin", otherwise: false),
                }
            ),
            Quotas = new QuotaLimits(
                reader.Number("quotas.projects_per_user", 100, 0, 1_000_000),
                ResourceKinds
                    .In([typeof(ResourceKinds).Assembly, .. extensions])
                    .All.SelectMany(k => k.QuotaDimensions)
                    .ToDictionary(d => d.Name, d => reader.Number($"quotas.{d.Name}", d.Default, 0, d.Max), StringComparer.Ordinal)
            ),
            Edges = new EdgeSettings(
                new RequestLimits(
                    reader.Number("rate_limit.requests_per_second", 2000, 0, 1_000_000),
                    reader.Number("rate_limit.changes_per_second", 50, 0, 1_000_000),
                    reader.Number("rate_limit.failures_per_second", 100, 0, 1_000_000),
                    reader.Number("rate_limit.streams", 100, 0, 1_000_000),
                    reader.Number("rate_limit.requests_in_flight", 50, 0, 1_000_000),
                    reader.Number("rate_limit.expensive_requests", Math.Max(1, Environment.ProcessorCount / 2), 0, 1_000_000),
                    reader.Number("rate_limit.connections", 1000, 0, 1_000_000)
                ),
                [
                    .. (reader.List("trusted_proxies") ?? []).Select(p =>
                        IPAddress.TryParse(p, out var proxy)
                            ? proxy
                            : reader.Report("trusted_proxies", $"must be IP addresses, not '{p}'", IPAddress.None)
                    ),
                ],
                [
                    .. (reader.List("cors.origins") ?? []).Select(o =>
                        Uri.TryCreate(o, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == o
                            ? o
                            : reader.Report("cors.origins", $"must be origins such as https://wombat.example.org, not '{o}'", o)
                    ),
                ]
            ),
            Audit = new AuditSettings(
                reader.Retention("audit.retention_days"),
                reader.Text("audit.signing_key_file"),
                reader.Number("audit.refusals_per_minute", 60, 0, 1_000_000)
            ),
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
        return settings;
    }

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
                _ => reader.Report("roles", $"knows api, worker and reconciler, not '{word}'", Roles.None),
            };
        }

        return roles;
    }

    private static string? ReadConnectionString(SettingsReader reader, Dictionary<string, string> environment)
    {
        var text = reader.Text("connection_string", environment, "ConnectionStrings__Wombat", "DATABASE_URL");
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
            // Never the text itself: it holds the password.
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

/// <summary>What a process does; by default everything.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Api = 1,
    Worker = 2,
    Reconciler = 4,
}

/// <param name="Concurrency">Jobs that one process runs at once.</param>
/// <param name="Lease">How long a claim holds without a heartbeat.</param>
/// <param name="Drain">How long running jobs may go on after SIGTERM.</param>
/// <param name="RetryBase">The wait before the second attempt; doubles after that.</param>
/// <param name="Retention">How long after their end jobs are kept, with their logs; null for ever.</param>
/// <param name="LogMaxBytes">What a job's log stores of a program's output; the rest is dropped.</param>
public sealed record JobSettings(
    int Concurrency,
    TimeSpan Lease,
    TimeSpan Drain,
    TimeSpan RetryBase,
    TimeSpan? Retention = null,
    long LogMaxBytes = JobSettings.DefaultLogMaxMiB * 1024L * 1024
)
{
    public const int DefaultLogMaxMiB = 64;
}

/// <param name="Retention">After which whole months of the audit are dropped; null keeps all.</param>
/// <param name="SigningKeyFile">PEM of an EC private key; null for one made in the data directory. Replicas share one.</param>
/// <param name="RefusalsPerMinute">Refused requests of one caller that are written to the audit in a minute; more are only counted. 0 for no limit.</param>
public sealed record AuditSettings(TimeSpan? Retention, string? SigningKeyFile, int RefusalsPerMinute);

/// <param name="Idle">A session not seen for so long has ended.</param>
/// <param name="Lifetime">However busy, a session ends after this.</param>
/// <param name="AnonymousRead">Whether public projects are read without signing in.</param>
/// <param name="AdminTokenEnds">Whether the first admin's token is void once an active admin can sign in.</param>
public sealed record SessionSettings(TimeSpan Idle, TimeSpan Lifetime, bool AnonymousRead, bool AdminTokenEnds);

/// <param name="Limits">What one caller may take.</param>
/// <param name="TrustedProxies">Whose X-Forwarded-For and -Proto are believed.</param>
/// <param name="CorsOrigins">Whose pages may call the API from a browser.</param>
public sealed record EdgeSettings(RequestLimits Limits, IReadOnlyList<IPAddress> TrustedProxies, IReadOnlyList<string> CorsOrigins);
