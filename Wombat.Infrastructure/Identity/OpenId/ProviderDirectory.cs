using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>
/// Fetches and caches the metadata (OpenID discovery) and keys of issuers for an hour. An unknown key id triggers another fetch, but
/// at most one every few seconds.
/// </summary>
public sealed class ProviderDirectory(ProviderHttp http, TimeProvider clock, ILogger<ProviderDirectory> log)
{
    private static readonly TimeSpan CacheLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinFetchInterval = TimeSpan.FromSeconds(3);

    // Verification is expensive, and anybody can send a token.
    private const int MaxCandidates = 8;

    // One retry: the next request fetches again in any case.
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

    /// <exception cref="ExternalSystemException">The metadata cannot be fetched or is invalid.</exception>
    public async Task<ProviderMetadata> GetAsync(string issuer, CancellationToken cancel) =>
        (await KnownAsync(issuer, staleBefore: clock.GetUtcNow() - CacheLifetime, cancel)).Metadata;

    /// <summary>
    /// Finds the issuer's keys that may have signed a token: those with this id that fit the algorithm. A key without an id matches
    /// any token, and a token without an id any key. Several keys may have the same id.
    /// </summary>
    /// <exception cref="ExternalSystemException">The keys cannot be fetched.</exception>
    public async Task<IReadOnlyList<SigningKey>> FindKeysAsync(string issuer, string? id, string algorithm, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var known = await KnownAsync(issuer, now - CacheLifetime, cancel);
        if (Find(known) is { Count: > 0 } keys)
        {
            return keys;
        }

        return known.FetchedAt < now - MinFetchInterval ? Find(await KnownAsync(issuer, now - MinFetchInterval, cancel)) : [];

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

            // A caller that waited for a hanging provider does not wait for it a second time.
            if (slot.Failure is { } failure && clock.GetElapsedTime(failure.At) < MinFetchInterval)
            {
                throw ExternalSystemException.Unavailable(failure.Exception.ErrorCode, failure.Exception.Message);
            }

            return slot.Known = await RetryPipeline.ExecuteAsync(async token => await FetchAsync(issuer, token), cancel);
        }
        catch (ExternalSystemException e) when (slot.Known is { } old)
        {
            // Outdated keys are better than no sign-in at all.
            log.LogWarning(
                "Cannot fetch the keys of {Issuer}; using the keys fetched at {FetchedAt}: {Error}",
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
            throw ExternalSystemException.Unavailable(ErrorCode.ProviderUnavailable, $"{issuer} publishes the metadata of another issuer.");
        }

        string? Address(string name) => ProviderJson.Text(published, name) is { } url && JwtSettings.IsAllowedUrl(url) ? url : null;
        var keysAt =
            Address("jwks_uri")
            ?? throw ExternalSystemException.Unavailable(ErrorCode.ProviderUnavailable, $"{issuer} publishes no jwks_uri.");
        var keys = await http.GetAsync(keysAt, bearer: null, cancel);
        var read =
            keys.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray().Select(SigningKey.Read).OfType<SigningKey>().ToList()
                : [];
        var atToken = WantsSecretInBody(published, "token_endpoint_auth_methods_supported", defaultValue: false);
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

    // The default is client_secret_basic.
    private static bool WantsSecretInBody(JsonElement published, string name, bool defaultValue) =>
        ProviderJson.List(published, name) is { } methods
            ? !methods.Contains("client_secret_basic", StringComparer.Ordinal)
                && methods.Contains("client_secret_post", StringComparer.Ordinal)
            : defaultValue;

    private sealed record Known(ProviderMetadata Metadata, IReadOnlyList<SigningKey> Keys, DateTimeOffset FetchedAt);

    private sealed class Slot
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public volatile Known? Known;

        /// <summary>Accessed only by the holder of <see cref="Turn"/>.</summary>
        public (long At, ExternalSystemException Exception)? Failure { get; set; }
    }
}
