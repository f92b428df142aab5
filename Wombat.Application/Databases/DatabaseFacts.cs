using System.Globalization;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>The facts that providers report of a database.</summary>
public static class DatabaseFacts
{
    /// <summary>The name of the database in its server.</summary>
    public const string Name = "dbname";

    /// <summary>The sslmode of libpq for clients.</summary>
    public const string SslMode = "sslmode";

    /// <summary>The version of PostgreSQL.</summary>
    public const string Version = "version";

    /// <summary>The size in bytes, rounded by the provider.</summary>
    public const string Size = "size_bytes";

    internal static string? Text(Database database, string fact) => database.Facts.GetValueOrDefault(fact);

    internal static long? Number(Database database, string fact) =>
        long.TryParse(Text(database, fact), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
