namespace Wombat.Domain.Databases;

/// <summary>How one user connects. Holds a secret: never stored, logged or listed.</summary>
/// <param name="SslMode">The sslmode of libpq that the server's certificate allows.</param>
/// <param name="CaCertificate">The certificate authority in PEM format; null when a public one signed.</param>
public sealed record DatabaseCredentials(
    string Host,
    int Port,
    string DatabaseName,
    string User,
    string Password,
    string SslMode,
    string? CaCertificate
);
