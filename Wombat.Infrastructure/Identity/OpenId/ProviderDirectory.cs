using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>
/// What issuers publish: their endpoints (OpenID discovery) and keys. Kept for an hour; a key that is not among them has
/// the keys fetched again, but not more often than every few seconds, whatever tokens come.
/// </summary>
public sealed class ProviderDirectory(ProviderHttp http, TimeProvider clock, ILogger<ProviderDirectory> log)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan CoolDown = TimeSpan.FromSeconds(3);

    // One repeat: the next request asks again anyhow.
    private static readonly ResiliencePipeline Patience = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 1, Delay = TimeSpan.FromMilliseconds(200), ShouldHandle = new PredicateBuilder().Handle<UnavailableException>() })
        .Build();

    private readonly ConcurrentDictionary<string, Slot> slots = new(StringComparer.Ordinal);

    /// <exception cref="UnavailableException">It cannot be fetched, or is not what it must be.</exception>
    public async Task<ProviderMetadata> GetAsync(string issuer, CancellationToken cancel) => (await KnownAsync(issuer, staleBefore: clock.GetUtcNow() - KeptFor, cancel)).Metadata;

    /// <summary>The issuer's key of this name that fits the algorithm; without a name, its only key that does.</summary>
    /// <exception cref="UnavailableException">The keys cannot be fetched.</exception>
    public async Task<SigningKey?> FindKeyAsync(string issuer, string? id, string algorithm, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var known = await KnownAsync(issuer, now - KeptFor, cancel);
        if (Find(known) is { } key)
        {
            return key;
        }

        return known.FetchedAt < now - CoolDown ? Find(await KnownAsync(issuer, now - CoolDown, cancel)) : null;

        SigningKey? Find(Known among)
        {
            var fitting = among.Keys.Where(k => k.Fits(algorithm) && (id is null || k.Id == id)).Take(2).ToList();
            return fitting.Count == 1 ? fitting[0] : null;
        }
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
                throw new UnavailableException(failure.Exception.Code, failure.Exception.Message);
            }

            return slot.Known = await Patience.ExecuteAsync(async token => await FetchAsync(issuer, token), cancel);
        }
        catch (UnavailableException e) when (slot.Known is { } old)
        {
            // Better the keys of an hour ago than nobody signed in.
            log.LogWarning("{Issuer} cannot be asked for its keys; those of {FetchedAt} are used: {Error}", issuer, old.FetchedAt, e.Message);
            return slot.Known = old with { FetchedAt = clock.GetUtcNow() };
        }
        catch (UnavailableException e)
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
            throw new UnavailableException("provider_unavailable", $"{issuer} publishes another issuer's configuration.");
        }

        string? Address(string name) => ProviderJson.Text(published, name) is { } url && ProviderHttp.IsSafe(url) ? url : null;
        var keysAt = Address("jwks_uri") ?? throw new UnavailableException("provider_unavailable", $"{issuer} publishes no address of keys.");
        var keys = await http.GetAsync(keysAt, bearer: null, cancel);
        var read = keys.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(SigningKey.Read).OfType<SigningKey>().ToList() : [];
        return new Known(
            new ProviderMetadata(issuer, Address("authorization_endpoint"), Address("token_endpoint"), Address("userinfo_endpoint"), Address("end_session_endpoint"), Address("revocation_endpoint")), read, clock.GetUtcNow());
    }

    private sealed record Known(ProviderMetadata Metadata, IReadOnlyList<SigningKey> Keys, DateTimeOffset FetchedAt);

    private sealed class Slot
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public volatile Known? Known;

        /// <summary>Written and read in turn.</summary>
        public (long At, UnavailableException Exception)? Failure { get; set; }
    }
}

/// <summary>A provider's endpoints; null where it has none.</summary>
public sealed record ProviderMetadata(string Issuer, string? Authorization, string? Token, string? UserInfo, string? EndSession, string? Revocation);
