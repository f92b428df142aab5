using Npgsql;

namespace Wombat.Infrastructure.Configuration;

/// <summary>postgres://user:password@host:port/database?sslmode=… as hosting platforms hand it out.</summary>
internal static class PostgresUrl
{
    /// <exception cref="FormatException">It is no such URL.</exception>
    /// <exception cref="ArgumentException">It has a parameter that Npgsql does not know.</exception>
    public static string ToConnectionString(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new FormatException("not a URL");
        }

        var login = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host.Trim('[', ']'),
            Port = uri.IsDefaultPort || uri.Port < 0 ? 5432 : uri.Port,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
            Username = Uri.UnescapeDataString(login[0]),
        };
        if (login.Length == 2)
        {
            builder.Password = Uri.UnescapeDataString(login[1]);
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var value = Uri.UnescapeDataString(parts.ElementAtOrDefault(1) ?? "");
            builder[parts[0] switch { "sslmode" => "SSL Mode", "application_name" => "Application Name", "connect_timeout" => "Timeout", "sslrootcert" => "Root Certificate", var other => other }] =
                parts[0] == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return builder.ConnectionString;
    }
}
