using Npgsql;

namespace Wombat.Infrastructure.Configuration;

/// <summary>
/// Converts a libpq connection URI, as hosting platforms provide it, to an Npgsql connection string:
/// <c>postgres://user:password@host:port,host2:port2/database?parameter=value</c>.
/// </summary>
internal static class PostgresUrl
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    // Maps libpq parameters to Npgsql's names; null for parameters that Wombat ignores.
    private static readonly Dictionary<string, string?> ParameterNames = new(StringComparer.Ordinal)
    {
        ["host"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["password"] = "Password",
        ["passfile"] = "Passfile",
        ["connect_timeout"] = "Timeout",
        ["client_encoding"] = null,
        ["options"] = "Options",
        ["application_name"] = "Application Name",
        ["fallback_application_name"] = null,
        ["keepalives"] = "TCP KeepAlive",
        ["keepalives_idle"] = "TCP KeepAlive Time",
        ["keepalives_interval"] = "TCP KeepAlive Interval",
        ["keepalives_count"] = null,
        ["tcp_user_timeout"] = null,
        ["sslmode"] = "SSL Mode",
        ["ssl"] = "SSL Mode",
        ["sslnegotiation"] = "SSL Negotiation",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["sslrootcert"] = "Root Certificate",
        ["sslcompression"] = null,
        ["sslsni"] = null,
        ["channel_binding"] = "Channel Binding",
        ["require_auth"] = "Require Auth",
        ["gssencmode"] = "GSS Encryption Mode",
        ["krbsrvname"] = "Kerberos Service Name",
        ["target_session_attrs"] = "Target Session Attributes",
        ["load_balance_hosts"] = "Load Balance Hosts",
    };

    public static bool IsUrl(string text) => Schemes.Any(s => text.StartsWith(s, StringComparison.Ordinal));

    /// <exception cref="FormatException">The URL is invalid, or a parameter is unknown or has an invalid value. The message names the parameter and contains no value.</exception>
    public static string ToConnectionString(string url)
    {
        var rest = url[Schemes.First(s => url.StartsWith(s, StringComparison.Ordinal)).Length..];
        var (location, query) = Cut(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var (authority, database) = Cut(location, location.IndexOf('/', StringComparison.Ordinal));
        var (login, hosts) = authority.LastIndexOf('@') is >= 0 and var at ? (authority[..at], authority[(at + 1)..]) : ("", authority);
        var builder = new NpgsqlConnectionStringBuilder();
        SetHosts(builder, hosts.Split(',', StringSplitOptions.RemoveEmptyEntries));
        if (database.Length > 0)
        {
            builder.Database = Uri.UnescapeDataString(database);
        }

        var (user, password) = Cut(login, login.IndexOf(':', StringComparison.Ordinal));
        (builder.Username, builder.Password) = (NullIfEmpty(user) ?? builder.Username, NullIfEmpty(password) ?? builder.Password);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, pair.IndexOf('=', StringComparison.Ordinal));
            Set(builder, Uri.UnescapeDataString(name), Uri.UnescapeDataString(value));
        }

        return NullIfEmpty(builder.Host) is null ? throw new FormatException("contains no host") : builder.ConnectionString;
    }

    // Npgsql expects several hosts in the same form as the URL, each with its port.
    private static void SetHosts(NpgsqlConnectionStringBuilder builder, string[] hosts)
    {
        if (hosts.Length > 1)
        {
            builder.Host = string.Join(',', hosts.Select(Uri.UnescapeDataString));
        }
        else if (hosts.Length == 1)
        {
            var colon = hosts[0].LastIndexOf(':');
            var (host, port) = colon > hosts[0].LastIndexOf(']') ? Cut(hosts[0], colon) : (hosts[0], "");
            Set(builder, "host", Uri.UnescapeDataString(host).Trim('[', ']'));
            Set(builder, "port", port);
        }
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        if (value.Length == 0 || ParameterNames.TryGetValue(name, out var known) && known is null)
        {
            return;
        }

        try
        {
            builder[known ?? name] = ConvertValue(name, value);
        }
        catch (Exception e)
            when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            throw new FormatException(
                known is null ? $"has the unknown parameter '{name}'" : $"has an invalid value of the parameter '{name}'",
                e
            );
        }
    }

    private static string ConvertValue(string name, string value) =>
        (name, value) switch
        {
            ("ssl", "true" or "1") => "Require",
            ("ssl", _) => "Disable",
            ("sslmode", _) => value.Replace("-", "", StringComparison.Ordinal),
            ("keepalives", _) => value == "0" ? "false" : "true",
            ("load_balance_hosts", _) => value switch
            {
                "random" => "true",
                "disable" => "false",
                _ => value,
            },
            _ => value,
        };

    private static (string Before, string After) Cut(string text, int at) => at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : Uri.UnescapeDataString(text);
}
