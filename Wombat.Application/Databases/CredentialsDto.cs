namespace Wombat.Application.Databases;

/// <summary>How one user connects, with the password.</summary>
/// <param name="Sslmode">The sslmode of libpq.</param>
/// <param name="Uri">All of it as a connection URI of libpq.</param>
/// <param name="CaCertificate">The certificate authority in PEM format, for sslrootcert; null when a public one signed.</param>
public sealed record CredentialsDto(
    string Host,
    int Port,
    string Dbname,
    string User,
    string Password,
    string Sslmode,
    string Uri,
    string? CaCertificate
);
