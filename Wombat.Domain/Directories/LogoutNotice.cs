namespace Wombat.Domain.Directories;

/// <param name="Subject">Whose; null where <paramref name="ProviderSession"/> says which.</param>
public sealed record LogoutNotice(string Issuer, string? Subject, string? ProviderSession);
