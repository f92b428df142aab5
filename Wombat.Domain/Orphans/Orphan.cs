using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Domain.Orphans;

/// <summary>
/// A container that a plugin has and that no row manages, as after the restore of an older database. It counts once two listings in a
/// row have shown it.
/// </summary>
public sealed class Orphan
{
    /// <summary>The kind of the job that deletes an orphan.</summary>
    public const string RemoveJob = "orphan.remove";

    private Orphan() { }

    public Guid Id { get; private set; }

    /// <summary>The name of the plugin instance that has it.</summary>
    public string Plugin { get; private set; } = "";

    /// <summary>The host that has it; null when its plugin is not bound to a host.</summary>
    public Guid? HostId { get; private set; }

    public string? HostName { get; private set; }

    /// <summary>The id of the resource that it was, which its key tells.</summary>
    public Guid ResourceId { get; private set; }

    public string ExternalId { get; private set; } = "";

    /// <summary>Its name in the outside system.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The state in the last listing.</summary>
    public ResourceStatus Status { get; private set; }

    /// <summary>As far as the plugin tells it.</summary>
    public ContainerSpec Spec { get; private set; } = null!;

    public DateTimeOffset FirstSeenAt { get; private set; }

    /// <summary>The start of the last listing that showed it.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>When a second listing showed it; null before that.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>The last job that was to delete it.</summary>
    public Guid? RemovalId { get; private set; }

    public string ExternalKey => Resource.KeyOf(ResourceId);

    public ResourceRef Reference => new(Container.KindName, ExternalKey, Name, ExternalId);

    /// <param name="host">Null when the plugin is not bound to a host.</param>
    /// <param name="listedAt">The start of the listing.</param>
    public static Orphan Create(string plugin, HostIdentity? host, Guid resource, ListedContainer found, DateTimeOffset listedAt) =>
        new()
        {
            Id = Uuid7.At(listedAt),
            Plugin = plugin,
            HostId = host?.Id,
            HostName = host?.Name,
            ResourceId = resource,
            ExternalId = found.Resource.Observation.ExternalId!,
            Name = NameOf(found),
            Status = StatusOf(found.Resource.Observation.State),
            Spec = found.Spec,
            FirstSeenAt = listedAt,
            LastSeenAt = listedAt,
        };

    /// <summary>A later listing shows it. Returns whether that is the second one.</summary>
    /// <param name="listedAt">The start of the listing.</param>
    public bool SeeAgain(ListedContainer found, DateTimeOffset listedAt)
    {
        if (listedAt <= LastSeenAt)
        {
            return false;
        }

        var isSecond = ConfirmedAt is null;
        ConfirmedAt ??= listedAt;
        LastSeenAt = listedAt;
        Name = NameOf(found);
        Status = StatusOf(found.Resource.Observation.State);

        // While its state cannot be read, the plugin does not tell its size either.
        Spec = Status == ResourceStatus.Unknown ? Spec : found.Spec;
        return isSecond;
    }

    /// <summary>A job is to delete it.</summary>
    public void RemoveBy(Guid job) => RemovalId = job;

    private static string NameOf(ListedContainer found)
    {
        var name = ExternalText.Clean(found.Resource.ExternalName ?? found.Resource.Observation.ExternalId!);
        return name.Length > Resource.ExternalIdMax ? name[..Resource.ExternalIdMax] : name;
    }

    private static ResourceStatus StatusOf(ObservedState state) =>
        state switch
        {
            ObservedState.Running => ResourceStatus.Running,
            ObservedState.Stopped => ResourceStatus.Stopped,
            ObservedState.Unknown => ResourceStatus.Unknown,
            _ => ResourceStatus.Error,
        };
}
