namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The passwords of an instance, in a file that only Wombat can read.</summary>
internal sealed record StoredCredentials
{
    /// <summary>The key of the database's own user in <see cref="Logins"/>.</summary>
    public const string Own = "";

    /// <summary>The login of each user by its name.</summary>
    public IReadOnlyDictionary<string, StoredLogin> Logins { get; init; } = new Dictionary<string, StoredLogin>(StringComparer.Ordinal);

    public StoredLogin? Find(string user) => Logins.GetValueOrDefault(user);

    public StoredCredentials With(string user, StoredLogin login) =>
        this with
        {
            Logins = new Dictionary<string, StoredLogin>(Logins, StringComparer.Ordinal) { [user] = login },
        };

    public StoredCredentials Without(string user) =>
        this with
        {
            Logins = Logins.Where(l => l.Key != user).ToDictionary(StringComparer.Ordinal),
        };

    // A record's default ToString would print the passwords.
    public override string ToString() => $"{Logins.Count} logins";
}
