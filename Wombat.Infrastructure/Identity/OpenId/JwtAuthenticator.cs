using Npgsql;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>Authenticates signed tokens of configured issuers. The user is the one to whom an admin linked the issuer and subject.</summary>
public sealed class JwtAuthenticator(JwtValidator validator, NpgsqlDataSource database, AccessCache cache, WombatSettings settings)
{
    // Accepted values of typ; an empty one stands for a missing header.
    private static readonly string[] Types = ["", "JWT", "at+jwt", "application/at+jwt"];

    /// <summary>Whether the token may be a signed token and issuers are configured.</summary>
    public bool IsFor(string token) => settings.Jwt is not null && token.Contains('.', StringComparison.Ordinal);

    /// <exception cref="UnauthenticatedException">The token is invalid or not linked to an active user. The reason is for the audit log.</exception>
    public ValueTask<Caller> AuthenticateAsync(string token, CancellationToken cancel) =>
        cache.TryGetCaller(token, out var known) ? ValueTask.FromResult(known) : ValidateAsync(token, settings.Jwt!, cancel);

    private async ValueTask<Caller> ValidateAsync(string token, JwtSettings jwt, CancellationToken cancel)
    {
        var read = cache.Credentials.Begin();
        try
        {
            var claims = await validator.ValidateAsync(token, new JwtRules(jwt.Issuers, jwt.Audiences, jwt.Algorithms, Types), cancel);
            var (issuer, subject) = (
                ProviderJson.Text(claims, "iss")!,
                ProviderJson.Text(claims, "sub") ?? throw new TokenRefusedException("the token has no subject")
            );
            var expiresAt = DateTimeOffset.UnixEpoch.AddSeconds(claims.GetProperty("exp").GetDouble());
            var caller =
                await FindAsync(issuer, subject, expiresAt, cancel)
                ?? throw new TokenRefusedException($"the token's subject is not linked to an active user: {subject}");
            cache.Credentials.Store(token, (caller, caller.ExpiresAt), read);
            return caller;
        }
        catch (TokenRefusedException e)
        {
            throw new UnauthenticatedException("The credential is not valid, expired or revoked.", e.Message);
        }
    }

    private async Task<Caller?> FindAsync(string issuer, string subject, DateTimeOffset expiresAt, CancellationToken cancel)
    {
        var found = await database.QueryAsync(
            $"""
            select u.id, u.login, u.platform_role from identities i join users u on u.id = i.user_id
            where i.issuer = {issuer} and i.subject = {subject} and u.active
            """,
            r => new Caller(r.GetString(1), Caller.ByJwt, IsAdmin(r.GetString(2))) { UserId = r.GetGuid(0), ExpiresAt = expiresAt },
            cancel
        );
        return found.SingleOrDefault();
    }

    private static bool IsAdmin(string role) => SnakeCaseEnumConverter<PlatformRole>.Parse(role) == PlatformRole.Admin;
}
