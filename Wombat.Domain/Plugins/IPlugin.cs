using Wombat.Domain.Common;

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

/// <summary>Ability: start, stop, restart. Each answers how the resource then is.</summary>
public interface IOperatesResources
{
    Task<ResourceObservation> StartAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);

    Task<ResourceObservation> StopAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);

    Task<ResourceObservation> RestartAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);
}

/// <summary>Ability: all resources in one call, so that reconciling a thousand costs what one costs.</summary>
public interface IListsResources
{
    /// <summary>
    /// All that bear a key of Wombat's, also two that bear the same, and as <see cref="ObservedState.Unknown"/> all whose key
    /// cannot be read now, such as those on a node that is unreachable: what is left out counts as gone. Fails only when
    /// nothing can be listed.
    /// </summary>
    Task<ResourceListing> ListAsync(CancellationToken cancel);
}

/// <summary>One thing that prevents a request.</summary>
/// <param name="Field">The field of the request, or plugin.</param>
/// <param name="Message">What prevents it, for people.</param>
public sealed record PlanObjection(string Field, string Message);

/// <summary>Ability: the templates to choose from.</summary>
public interface IOffersTemplates
{
    Task<IReadOnlyList<PluginTemplate>> TemplatesAsync(CancellationToken cancel);
}

/// <summary>Ability: replaces the keys that open a running resource, where its template says so.</summary>
public interface ISetsKeys
{
    /// <summary>All keys that Wombat gives; what users added inside of it stays.</summary>
    Task SetKeysAsync(ResourceRef resource, IReadOnlyList<string> sshKeys, IPluginLog log, CancellationToken cancel);
}

/// <summary>Receives what the plugin says while it works, as it comes. Awaiting it is the back-pressure: slow storage slows the plugin.</summary>
public interface IPluginLog
{
    ValueTask WriteAsync(string line, CancellationToken cancel);

    /// <summary>
    /// The id of what is being made. Kept at once, whatever becomes of the call: perhaps nothing else leads to it. Not
    /// cancellable for the same reason.
    /// </summary>
    ValueTask ReportExternalIdAsync(string externalId) => ValueTask.CompletedTask;
}

/// <summary>How a resource is found again.</summary>
/// <param name="ExternalKey">Made from the resource's id; the marker on what was made.</param>
/// <param name="ExternalName">The unique name under which it was asked for.</param>
/// <param name="ExternalId">The plugin's id, or null when no answer was ever heard.</param>
public sealed record ResourceRef(string ExternalKey, string ExternalName, string? ExternalId);

/// <summary>What to make. Sizes are null where the plugin may choose.</summary>
public sealed record ProvisionRequest(
    ResourceRef Resource,
    string Template,
    int? Cpu,
    int? MemoryMiB,
    int? DiskGiB,
    IReadOnlyList<string> SshKeys
);

public enum ObservedState
{
    Running,
    Stopped,
    Missing,

    /// <summary>It exists but is of no use, such as half made.</summary>
    Broken,

    /// <summary>It cannot be looked at now, and the note says why. Answered in listings only; other calls fail as <see cref="PluginFailure.Unavailable"/>.</summary>
    Unknown,
}

/// <param name="State">How it is.</param>
/// <param name="ExternalId">The plugin's id; null when missing.</param>
/// <param name="IpAddress">Null when unknown.</param>
/// <param name="Note">What the user should know, such as a limit that could not be applied.</param>
public sealed record ResourceObservation(ObservedState State, string? ExternalId = null, string? IpAddress = null, string? Note = null)
{
    public static readonly ResourceObservation Missing = new(ObservedState.Missing);

    public static ResourceObservation Unknown(string reason) => new(ObservedState.Unknown, Note: reason);
}

/// <summary>A template that containers are made from.</summary>
/// <param name="Name">The name that a request for a container uses.</param>
/// <param name="Description">What it is, for people.</param>
/// <param name="AcceptsSshKeys">Whether containers of it take SSH keys.</param>
/// <param name="ChangesSshKeys">Whether the keys of a running container can be replaced.</param>
public sealed record PluginTemplate(string Name, string Description, bool AcceptsSshKeys, bool ChangesSshKeys);

/// <param name="Healthy">Whether work can be given to it.</param>
/// <param name="Message">What is wrong, or what it is when well.</param>
public sealed record PluginHealth(bool Healthy, string Message)
{
    public string Message { get; } = ExternalText.Clean(Message);
}
