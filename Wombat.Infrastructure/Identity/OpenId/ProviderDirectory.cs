using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>
/// What issuers publish: their endpoints (OpenID discovery) and keys. Kept for an hour; a key that is not among them has
/// the keys fetched again, but not more often than every few seconds, whatever tokens come.
/// </summary>
public sealed class ProviderDirectory(ProviderHttp http, TimeProvider clock, ILogger<ProviderDirectory> log)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan CoolDown = TimeSpan.FromSeconds(3);

    // Verifying costs time, and anybody may send a token.
    private const int MaxCandidates = 8;

    // One repeat: the next request asks again anyhow.
    private static readonly ResiliencePipeline RetryPipeline = new ResiliencePipelineBuilder()
        .AddRetry(
            new RetryStrategyOptions
            {
                MaxRetryAttempts = 1,
                Delay = TimeSpan.FromMilliseconds(200),
                ShouldHandle = new PredicateBuilder().Handle<ExternalSystemException>(),
            }
        )
        .Build();

    private readonly ConcurrentDictionary<string, Slot> slots = new(StringComparer.Ordinal);

    /// <exception cref="ExternalSystemException">It cannot be fetched, or is not what it must be.</exception>
    public async Task<ProviderMetadata> GetAsync(string issuer, CancellationToken cancel) =>
        (await KnownAsync(issuer, staleBefore: clock.GetUtcNow() - KeptFor, cancel)).Metadata;

    /// <summary>
    /// The issuer's keys that may have signed: those of this id that fit the algorithm. A key that is published without an id, and a
    /// token without one, may belong to any; several keys may have one id, as when a set lists a key twice.
    /// </summary>
    /// <exception cref="ExternalSystemException">The keys cannot be fetched.</exception>
    public async Task<IReadOnlyList<SigningKey>> FindKeysAsync(string issuer, string? id, string algorithm, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var known = await KnownAsync(issuer, now - KeptFor, cancel);
        if (Find(known) is { Count: > 0 } keys)
        {
            return keys;
        }

        return known.FetchedAt < now - CoolDown ? Find(await KnownAsync(issuer, now - CoolDown, cancel)) : [];

        List<SigningKey> Find(Known among) =>
            [
                .. among
                    .Keys.Where(k => k.Fits(algorithm) && (id is null || k.Id is null || k.Id == id))
                    .OrderBy(k => k.Id is null)
                    .Take(MaxCandidates),
            ];
    }

    private async Task<Known> KnownAsync(string issuer, DateTimeOffset staleBefore, CancellationToken cancel)
    {
        var slot = slots.GetOrAdd(issuer, _ => new Slot());
        if (slot.Known is { } fresh && fresh.FetchedAt >= staleBefore)
        {
            return fresh;
        }

        await slot.Turn.WaitAsync(cancel);
        try
        {
            if (slot.Known is { } meanwhile && meanwhile.FetchedAt >= staleBefore)
            {
                return meanwhile;
            }

            // Whoever waited for a provider that hangs does not begin to wait for it anew.
            if (slot.Failure is { } failure && clock.GetElapsedTime(failure.At) < CoolDown)
            {
                throw ExternalSystemException.Unavailable(failure.Exception.ErrorCode, failure.Exception.Message);
            }

            return slot.Known = await RetryPipeline.ExecuteAsync(async token => await FetchAsync(issuer, token), cancel);
        }
        catch (ExternalSystemException e) when (slot.Known is { } old)
        {
            // Better the keys of an hour ago than nobody signed in.
            log.LogWarning(
                "{Issuer} cannot be asked for its keys; those of {FetchedAt} are used: {Error}",
                issuer,
                old.FetchedAt,
                e.Message
            );
            return slot.Known = old with { FetchedAt = clock.GetUtcNow() };
        }
        catch (ExternalSystemException e)
        {
            slot.Failure = (clock.GetTimestamp(), e);
            throw;
        }
        finally
        {
            slot.Turn.Release();
        }
    }

    private async Task<Known> FetchAsync(string issuer, CancellationToken cancel)
    {
        var published = await http.GetAsync($"{issuer.TrimEnd('/')}/.well-known/openid-configuration", bearer: null, cancel);
        if (ProviderJson.Text(published, "issuer") != issuer)
        {
            throw ExternalSystemException.Unavailable(ErrorCode.ProviderUnavailable, $"{issuer} publishes another issuer's configuration.");
        }

        string? Address(string name) => ProviderJson.Text(published, name) is { } url && JwtSettings.IsAllowedUrl(url) ? url : null;
        var keysAt =
            Address("jwks_uri")
            ?? throw ExternalSystemException.Unavailable(ErrorCode.ProviderUnavailable, $"{issuer} publishes no address of keys.");
        var keys = await http.GetAsync(keysAt, bearer: null, cancel);
        var read =
            keys.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray().Select(SigningKey.Read).OfType<SigningKey>().ToList()
                : [];
        var atToken = WantsSecretInBody(published, "token_endpoint_auth_methods_supported", otherwise: false);
        var metadata = new ProviderMetadata(
            issuer,
            Address("authorization_endpoint"),
            Address("token_endpoint"),
            Address("userinfo_endpoint"),
            Address("end_session_endpoint"),
            Address("revocation_endpoint")
        )
        {
            TokenSecretInBody = atToken,
            RevocationSecretInBody = WantsSecretInBody(published, "revocation_endpoint_auth_methods_supported", atToken),
            Scopes = ProviderJson.List(published, "scopes_supported"),
            AnnouncesIssuer = ProviderJson.IsTrue(published, "authorization_response_iss_parameter_supported"),
        };
        return new Known(metadata, read, clock.GetUtcNow());
    }

    // What is not published means client_secret_basic.
    private static bool WantsSecretInBody(JsonElement published, string name, bool otherwise) =>
        ProviderJson.List(published, name) is { } methods
            ? !methods.Contains("client_secret_basic", StringComparer.Ordinal)
                && methods.Contains("client_secret_post", StringComparer.Ordinal)
            : otherwise;

    private sealed record Known(ProviderMetadata Metadata, IReadOnlyList<SigningKey> Keys, DateTimeOffset FetchedAt);

    private sealed class Slot
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public volatile Known? Known;

        /// <summary>Written and read in turn.</summary>
        public (long At, ExternalSystemException Exception)? Failure { get; set; }
    }
}

/// <summary>A provider's endpoints; null where it has none.</summary>
public sealed record ProviderMetadata(
    string Issuer,
    string? Authorization,
    string? Token,
    string? UserInfo,
    string? EndSession,
    string? Revocation
)
{
    /// <summary>Whether the token endpoint takes the client's secret in the form alone.</summary>
    public bool TokenSecretInBody { get; init; }

    /// <summary>Whether the revocation endpoint takes the client's secret in the form alone.</summary>
    public bool RevocationSecretInBody { get; init; }

    /// <summary>The scopes that may be asked for; null where it does not say.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Whether its authorization responses carry iss (RFC 9207).</summary>
    public bool AnnouncesIssuer { get; init; }
}
