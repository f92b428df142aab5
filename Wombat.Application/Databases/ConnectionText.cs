using System.Globalization;
using System.Text.Json;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Writes credentials in the forms that clients read. Values are quoted by the rules of each form.</summary>
internal static class ConnectionText
{
    public static string Write(DatabaseCredentials credentials, string name, ConnectionFormat format) =>
        format switch
        {
            ConnectionFormat.Uri => Uri(credentials),
            ConnectionFormat.Env => string.Join('\n', Variables(credentials).Select(v => $"{v.Name}={Shell(v.Value)}")) + "\n",
            ConnectionFormat.Jdbc => $"jdbc:postgresql://{Host(credentials)}:{Port(credentials)}/{Escape(credentials.DatabaseName)}"
                + $"?user={Escape(credentials.User)}&password={Escape(credentials.Password)}&sslmode={credentials.SslMode}",
            ConnectionFormat.Psql => $"psql {Shell(Uri(credentials))}\n",
            ConnectionFormat.Dotnet => $"Host={Dotnet(credentials.Host)};Port={Port(credentials)};"
                + $"Database={Dotnet(credentials.DatabaseName)};Username={Dotnet(credentials.User)};"
                + $"Password={Dotnet(credentials.Password)};SSL Mode={DotnetSslMode(credentials.SslMode)}",
            _ => Secret(credentials, name),
        };

    public static string Uri(DatabaseCredentials credentials) =>
        $"postgresql://{Escape(credentials.User)}:{Escape(credentials.Password)}@{Host(credentials)}:{Port(credentials)}"
        + $"/{Escape(credentials.DatabaseName)}?sslmode={credentials.SslMode}";

    private static (string Name, string Value)[] Variables(DatabaseCredentials credentials) =>
        [
            ("PGHOST", credentials.Host),
            ("PGPORT", Port(credentials)),
            ("PGDATABASE", credentials.DatabaseName),
            ("PGUSER", credentials.User),
            ("PGPASSWORD", credentials.Password),
            ("PGSSLMODE", credentials.SslMode),
        ];

    // JSON strings are YAML strings.
    private static string Secret(DatabaseCredentials credentials, string name)
    {
        (string Name, string Value)[] data =
        [
            ("host", credentials.Host),
            ("port", Port(credentials)),
            ("dbname", credentials.DatabaseName),
            ("username", credentials.User),
            ("password", credentials.Password),
            ("sslmode", credentials.SslMode),
            ("uri", Uri(credentials)),
        ];
        return $"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {JsonSerializer.Serialize(name)}\ntype: Opaque\nstringData:\n"
            + string.Concat(data.Select(d => $"  {d.Name}: {JsonSerializer.Serialize(d.Value)}\n"));
    }

    private static string Host(DatabaseCredentials credentials) =>
        credentials.Host.Contains(':', StringComparison.Ordinal) ? $"[{credentials.Host}]" : credentials.Host;

    private static string Port(DatabaseCredentials credentials) => credentials.Port.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string value) => System.Uri.EscapeDataString(value);

    private static string Shell(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Dotnet(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string DotnetSslMode(string mode) =>
        mode switch
        {
            "verify-full" => "VerifyFull",
            "verify-ca" => "VerifyCA",
            _ => "Require",
        };
}
