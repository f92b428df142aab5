using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>
/// An instance of an adapter for one outside system. It declares what it provisions by implementing
/// <see cref="IProvisioner{TSpec}"/> for the spec of each resource kind; <see cref="IOperatesResources"/>,
/// <see cref="IListsResources"/> and the like are optional abilities.
/// <para><b>Order.</b> <see cref="InitializeAsync"/> is awaited once before any other call. After it, many jobs call
/// concurrently; the calls for one resource come one at a time, except for <see cref="StatusAsync"/>.</para>
/// <para><b>Repeatable.</b> Every call may be repeated, also when the answer to the first was lost: provisioning with the
/// same <see cref="ResourceRef.ExternalKey"/> finds what an earlier call created and gives the same answer; deprovisioning
/// what is gone succeeds; starting what is running succeeds. A call never touches anything without its key.</para>
/// <para><b>Errors.</b> Every failure is a <see cref="ExternalSystemException"/> whose kind says whether to retry. Users read the
/// messages; they contain no secrets.</para>
/// <para><b>Cancellation.</b> When the token is cancelled, the call ends within seconds with
/// <see cref="OperationCanceledException"/> and leaves nothing running in the background.</para>
/// <para><b>Timeouts.</b> Every call is bounded by the timeout in the plugin's configuration and then fails as
/// <see cref="ExternalFailure.Unavailable"/>.</para>
/// </summary>
public interface IPlugin
{
    /// <summary>The name of the instance: unique, lower case, stable, since it is stored with every resource.</summary>
    string Name { get; }

    /// <summary>
    /// Whether a resource is found by its key when its id is unknown. If not, a call whose answer was lost may leave
    /// something behind that no later call finds.
    /// </summary>
    bool SupportsLookupByKey => true;

    /// <summary>
    /// Whether its resources exist only on the machine of this process. Its answers about such a resource count only on
    /// the host that the resource belongs to.
    /// </summary>
    bool IsHostBound => false;

    /// <summary>Checks the configuration before the server starts.</summary>
    /// <exception cref="PluginConfigurationException">The configuration is wrong; the message names the setting.</exception>
    Task InitializeAsync(CancellationToken cancel);

    /// <summary>Whether the outside system answers and accepts work. Throws only when cancelled.</summary>
    Task<PluginHealth> HealthAsync(CancellationToken cancel);

    /// <summary>The present state of a resource. One that does not exist is <see cref="ObservedState.Missing"/>, not a failure.</summary>
    Task<ResourceObservation> StatusAsync(ResourceRef resource, CancellationToken cancel);

    /// <summary>Deletes the resource with its data. Succeeds when it does not exist.</summary>
    Task DeprovisionAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);
}
