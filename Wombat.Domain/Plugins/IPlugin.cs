namespace Wombat.Domain.Plugins;

/// <summary>
/// An adapter to one outside system.
/// <para><b>Order.</b> <see cref="InitializeAsync"/> is awaited once before any other call. After it, calls come
/// from many jobs at once; for one resource they come one at a time, but for <see cref="StatusAsync"/>.</para>
/// <para><b>Repeatable.</b> Every call may be repeated, also when the answer of the first was never heard:
/// provisioning with the same <see cref="ResourceRef.ExternalKey"/> finds what an earlier call made and answers the
/// same; deprovisioning what is gone succeeds; starting what runs succeeds. A call never touches what does not bear
/// its key.</para>
/// <para><b>Failing.</b> Every failure is a <see cref="PluginException"/> whose kind says whether to retry. Messages
/// are read by users and hold no secret.</para>
/// <para><b>Cancelling.</b> When the token is cancelled, the call ends within seconds by
/// <see cref="OperationCanceledException"/>, and nothing that it started goes on in the background.</para>
/// <para><b>Time.</b> Every call is bounded by the plugin's configured time-out and then fails as
/// <see cref="PluginFailure.Unavailable"/>.</para>
/// </summary>
public interface IPlugin
{
    /// <summary>Unique, lower case, stable: stored with every resource.</summary>
    string Name { get; }

    /// <summary>What kind of resource it makes, such as <c>container</c>.</summary>
    string Kind { get; }

    /// <summary>
    /// Whether what bears a resource's key is found where the id was never heard. Where not, a call whose answer was lost
    /// may leave something outside that no later call finds.
    /// </summary>
    bool SupportsLookupByKey => true;

    /// <summary>
    /// Whether what it makes exists on the machine of this process alone, so that another machine can neither see nor change
    /// it. Its answers about such a resource count only on the host that the resource belongs to.
    /// </summary>
    bool IsHostBound => false;

    /// <summary>Checks the configuration. Throws <see cref="PluginConfigurationException"/> naming the setting; then Wombat does not start.</summary>
    Task InitializeAsync(CancellationToken cancel);

    /// <summary>Whether the outside system answers and would accept work. Never throws but for cancellation.</summary>
    Task<PluginHealth> HealthAsync(CancellationToken cancel);

    /// <summary>Makes the resource and brings it to running, or finds it made. Tells the log its id as soon as that is known.</summary>
    Task<ResourceObservation> ProvisionAsync(ProvisionRequest request, IPluginLog log, CancellationToken cancel);

    /// <summary>How it is now. What is not there is <see cref="ObservedState.Missing"/>, not a failure.</summary>
    Task<ResourceObservation> StatusAsync(ResourceRef resource, CancellationToken cancel);

    /// <summary>Removes it with its data. Succeeds when it is gone.</summary>
    Task DeprovisionAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);
}
