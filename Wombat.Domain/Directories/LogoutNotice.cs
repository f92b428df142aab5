namespace Wombat.Domain.Directories;

/// <param name="Subject">The user whose sessions end; null if <paramref name="ProviderSession"/> identifies the session.</param>
public sealed record LogoutNotice(string Issuer, string? Subject, string? ProviderSession);
