using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Spaces out the status calls for resources that stay in error: the delay starts at the reconcile interval and doubles up to
/// five minutes. A change of the resource, such as a job that ended, makes it due at once.
/// </summary>
internal sealed class StatusBackoff(TimeSpan interval, TimeProvider clock)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    private readonly Dictionary<Guid, Failure> failures = [];

    public bool IsDue(Resource resource) =>
        !failures.TryGetValue(resource.Id, out var failure) || failure.Version != resource.Version || clock.GetUtcNow() >= failure.RetryAt;

    /// <summary>Returns whether it is the first failure since the last success.</summary>
    public bool Fail(Resource resource)
    {
        var delay = failures.TryGetValue(resource.Id, out var failure) ? failure.Delay * 2 : interval;
        delay = delay < LongestDelay ? delay : LongestDelay;
        failures[resource.Id] = new Failure(resource.Version, delay, clock.GetUtcNow() + delay);
        return failure is null;
    }

    /// <summary>Returns whether the resource had failed before.</summary>
    public bool Succeed(Resource resource) => failures.Remove(resource.Id);

    /// <summary>Forgets resources that were not among those of the last pass, such as deleted ones.</summary>
    public void Keep(IReadOnlySet<Guid> resources)
    {
        foreach (var gone in failures.Keys.Where(id => !resources.Contains(id)).ToList())
        {
            failures.Remove(gone);
        }
    }

    private sealed record Failure(int Version, TimeSpan Delay, DateTimeOffset RetryAt);
}
