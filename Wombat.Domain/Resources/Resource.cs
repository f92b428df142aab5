using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Domain.Resources;

/// <summary>One thing that a plugin provisions for a project: the life cycle that containers and databases share.</summary>
public abstract class Resource
{
    public const int NameMin = 1;
    public const int NameMax = 63;
    public const int ExternalIdMax = 255;
    private const string UnobservedPrefix = "Its state is unknown: ";

    public Guid Id { get; private set; }

    public Guid ProjectId { get; private set; }

    /// <summary>The name of the plugin that made it and must be asked about it ever after.</summary>
    public string Plugin { get; private set; } = "";

    /// <summary>Unique in the project among the living of one kind.</summary>
    public string Name { get; private set; } = "";

    public ResourceStatus Status { get; private set; }

    /// <summary>Why the status is what it is, in the user's words; null when there is nothing to say.</summary>
    public string? StatusReason { get; private set; }

    /// <summary>The plugin's own id, once known.</summary>
    public string? ExternalId { get; private set; }

    /// <summary>The name under which the plugin made it, unique over all projects.</summary>
    public string ExternalName { get; private set; } = "";

    /// <summary>The host that has it, where its plugin is bound to a host; null before the first attempt to make it, and for all others.</summary>
    public Guid? HostId { get; private set; }

    /// <summary>The display name that the host had then.</summary>
    public string? HostName { get; private set; }

    /// <summary>When the plugin last said how it is; null before that.</summary>
    public DateTimeOffset? ObservedAt { get; private set; }

    /// <summary>When the last attempt to delete it failed for good; null since it was last seen or asked to be deleted again.</summary>
    public DateTimeOffset? DeleteFailedAt { get; private set; }

    public string? IpAddress { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public int Version { get; private set; }

    /// <summary>Whether the plugin could not look at it last; the status is then what was seen before.</summary>
    public bool IsUnobserved => StatusReason?.StartsWith(UnobservedPrefix, StringComparison.Ordinal) ?? false;

    /// <summary>The plugin's key for it, made from the id, so that a repeated call finds its own work.</summary>
    public string ExternalKey => $"wombat-{Id:N}";

    /// <summary>What it is called in events and messages.</summary>
    public virtual string Noun => "resource";

    public ResourceRef Reference => new(ExternalKey, ExternalName, ExternalId);

    protected void Initialize(Guid projectId, string plugin, string name, string externalPrefix, DateTimeOffset now)
    {
        Id = Uuid7.At(now);
        ProjectId = projectId;
        Plugin = plugin;
        Name = name;
        ExternalName = UniqueHostName(externalPrefix, Id);
        Status = ResourceStatus.Pending;
        CreatedAt = now;
        UpdatedAt = now;
        Version = 1;
    }

    public void BeginProvisioning(DateTimeOffset now) => Become(ResourceStatus.Provisioning, null, now);

    /// <summary>From now on its jobs run on this host, and only this host says how it is.</summary>
    public void PlaceOn(HostIdentity host)
    {
        HostId = host.Id;
        HostName = host.Name;
        Version++;
    }

    /// <summary>
    /// Its host is not heard of, so nobody can say how it is. What is being made or deleted keeps its status and waits.
    /// Returns whether anything changed.
    /// </summary>
    public bool LoseHost(string reason, DateTimeOffset now)
    {
        var status = Status is ResourceStatus.Running or ResourceStatus.Stopped or ResourceStatus.Missing or ResourceStatus.Error
            ? ResourceStatus.Unknown
            : Status;
        if (Status == ResourceStatus.Deleted || status == Status && reason == StatusReason)
        {
            return false;
        }

        Become(status, reason, now);
        return true;
    }

    /// <summary>What the plugin says about it now. Returns whether anything but the time of the look changed.</summary>
    public bool Observe(ResourceObservation seen, string? reason, DateTimeOffset now)
    {
        ObservedAt = now;
        ExternalId = seen.ExternalId ?? ExternalId;
        var status = seen.State switch
        {
            ObservedState.Running => ResourceStatus.Running,
            ObservedState.Stopped => ResourceStatus.Stopped,
            ObservedState.Missing => ResourceStatus.Missing,
            ObservedState.Broken => ResourceStatus.Error,
            _ => Status,
        };
        var address = status == ResourceStatus.Running ? seen.IpAddress : null;
        if (status == Status && address == IpAddress && !IsUnobserved)
        {
            return false;
        }

        IpAddress = address;
        DeleteFailedAt = status is ResourceStatus.Running or ResourceStatus.Stopped ? null : DeleteFailedAt;
        Become(status, reason, now);
        return true;
    }

    /// <summary>The plugin cannot look at it now: what was seen last stands, with the reason. Returns whether the reason is new.</summary>
    public bool MarkUnobserved(string? reason, DateTimeOffset now)
    {
        var text = ExternalText.Clean(UnobservedPrefix + (reason ?? "the outside system does not say why."));
        if (text == StatusReason)
        {
            return false;
        }

        Become(Status, text, now);
        return true;
    }

    public void Fail(string reason, DateTimeOffset now) => Become(ResourceStatus.Error, reason, now);

    /// <summary>The delete failed for good.</summary>
    public void FailDelete(string reason, DateTimeOffset now)
    {
        DeleteFailedAt = now;
        Fail(reason, now);
    }

    /// <summary>A start, stop or restart was requested.</summary>
    /// <param name="verb">Such as <c>stop</c>.</param>
    /// <exception cref="ConflictException">Its state does not allow that.</exception>
    public void EnsureOperable(string verb)
    {
        if (Status is not (ResourceStatus.Running or ResourceStatus.Stopped or ResourceStatus.Error) || ExternalId is null)
        {
            throw new ConflictException(ErrorCode.NotOperable, $"Cannot {verb} a {Noun} that is {StateInWords}.");
        }
    }

    public void BeginDelete(DateTimeOffset now)
    {
        switch (Status)
        {
            case ResourceStatus.Deleting:
                throw new ConflictException(ErrorCode.AlreadyDeleting, $"The {Noun} is already being deleted.");
            case ResourceStatus.Deleted:
                throw new ConflictException(ErrorCode.AlreadyDeleted, $"The {Noun} is already deleted.");
        }

        ResumeDelete(now);
    }

    /// <summary>A failed or cancelled delete is asked for again.</summary>
    public void ResumeDelete(DateTimeOffset now)
    {
        DeleteFailedAt = null;
        Become(ResourceStatus.Deleting, null, now);
    }

    /// <param name="outcomeUnknown">Nobody knows whether it was made, and it cannot be looked for.</param>
    public void MarkDeleted(bool outcomeUnknown, DateTimeOffset now)
    {
        IpAddress = null;
        Become(
            ResourceStatus.Deleted,
            outcomeUnknown
                ? $"Whether it was made was never heard, and it cannot be looked for. What may be left of it outside is called {ExternalName}."
                : null,
            now
        );
    }

    /// <exception cref="ConflictException">No delete of it has failed.</exception>
    public void EnsureForgettable()
    {
        if (!IsForgettable(Status, DeleteFailedAt))
        {
            throw new ConflictException(
                ErrorCode.NotForgettable,
                $"The {Noun} is {StateInWords}. Delete it; it can be forgotten only after a delete failed or when its host is lost."
            );
        }
    }

    /// <summary>Whether it can be given up: a delete of it has failed and nothing was seen of it since, or its host is lost.</summary>
    public static bool IsForgettable(ResourceStatus status, DateTimeOffset? deleteFailedAt) =>
        status == ResourceStatus.Unknown || deleteFailedAt is not null && status is (ResourceStatus.Error or ResourceStatus.Missing);

    /// <summary>It is given up without the plugin, which is gone for good: what may be left of it outside is Wombat's no more.</summary>
    /// <exception cref="ConflictException">No delete of it has failed.</exception>
    public void Forget(string by, DateTimeOffset now)
    {
        EnsureForgettable();

        IpAddress = null;
        Become(
            ResourceStatus.Deleted,
            $"Forgotten by {by}. What may be left of it outside, as {ExternalName}, is no longer Wombat's.",
            now
        );
    }

    private string StateInWords =>
        Status switch
        {
            ResourceStatus.Provisioning => "being provisioned",
            ResourceStatus.Deleting => "being deleted",
            ResourceStatus.Error => "in error",
            _ => Status.ToString().ToLowerInvariant(),
        };

    protected void Become(ResourceStatus status, string? reason, DateTimeOffset now)
    {
        Status = status;
        StatusReason = reason is null ? null : ExternalText.Clean(reason);
        UpdatedAt = now;
        Version++;
    }

    // A DNS label: what people asked for, cut, and eight hex digits of the id's random end so that no two are alike.
    private static string UniqueHostName(string prefix, Guid id)
    {
        const int Room = 63 - 9;
        var cut = prefix.Length <= Room ? prefix : prefix[..Room];
        return $"{cut.TrimEnd('-')}-{id.ToString("N")[^8..]}";
    }
}
