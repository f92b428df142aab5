using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Domain.Resources;

/// <summary>Something that a plugin instance provisions for a project. All resource kinds share this life cycle.</summary>
public abstract class Resource
{
    public const int NameMin = 1;
    public const int NameMax = 63;
    public const int ExternalIdMax = 255;
    public const int KindMax = 40;
    private const string KeyPrefix = "wombat-";
    private const string UnobservedPrefix = "Its state is unknown: ";

    public Guid Id { get; private set; }

    public Guid ProjectId { get; private set; }

    /// <summary>The name of the resource kind, such as <c>container</c>; the noun in events and messages.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>The name of the plugin instance that provisions it.</summary>
    public string Plugin { get; private set; } = "";

    /// <summary>Unique in the project among the resources of the kind that are not deleted.</summary>
    public string Name { get; private set; } = "";

    public ResourceStatus Status { get; private set; }

    /// <summary>Why the resource has this status, for users; null if there is no reason.</summary>
    public string? StatusReason { get; private set; }

    /// <summary>The id in the outside system, once known.</summary>
    public string? ExternalId { get; private set; }

    /// <summary>The name in the outside system, unique over all projects.</summary>
    public string ExternalName { get; private set; } = "";

    /// <summary>The host of the resource, when its plugin is bound to a host; null before the first attempt to create it.</summary>
    public Guid? HostId { get; private set; }

    /// <summary>The display name of the host at that time.</summary>
    public string? HostName { get; private set; }

    /// <summary>When the plugin last reported its state; null before that.</summary>
    public DateTimeOffset? ObservedAt { get; private set; }

    /// <summary>When the last delete failed for good; null after the resource was observed or deleted again.</summary>
    public DateTimeOffset? DeleteFailedAt { get; private set; }

    /// <summary>When it is deleted; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>When the warning about its expiry was recorded; null before that.</summary>
    public DateTimeOffset? ExpiryWarnedAt { get; private set; }

    /// <summary>Whether a request to delete it is refused.</summary>
    public bool DeletionProtection { get; private set; }

    /// <summary>Whether it is started again when a restart of its machine has stopped it.</summary>
    public virtual bool StartsOnBoot => false;

    /// <summary>Until when a deleted resource can be restored; null when it is not deleted, or gone.</summary>
    public DateTimeOffset? RestorableUntil { get; private set; }

    /// <summary>The addresses of a running resource.</summary>
    public IReadOnlyList<ResourceEndpoint> Endpoints { get; private set; } = [];

    /// <summary>Other facts that the plugin reported, by name.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where it differs from what was requested, as last observed; empty when it does not.</summary>
    public IReadOnlyList<ResourceDifference> Drift { get; private set; } = [];

    /// <summary>The latest time whose state can be restored from backups, as last observed; null when there is none.</summary>
    public DateTimeOffset? LastRestorableAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public int Version { get; private set; }

    /// <summary>Whether the last query of its state failed. The status is then the last one that was observed.</summary>
    public bool IsUnobserved => StatusReason?.StartsWith(UnobservedPrefix, StringComparison.Ordinal) ?? false;

    /// <summary>The marker in the outside system, made from the id, by which a repeated call finds what an earlier call created.</summary>
    public string ExternalKey => KeyOf(Id);

    /// <summary>The external key of the resource with the id.</summary>
    public static string KeyOf(Guid id) => $"{KeyPrefix}{id:N}";

    /// <summary>The id of the resource with the external key; null when no resource has such a key.</summary>
    public static Guid? IdOf(string externalKey) =>
        externalKey.StartsWith(KeyPrefix, StringComparison.Ordinal) && Guid.TryParseExact(externalKey[KeyPrefix.Length..], "N", out var id)
            ? id
            : null;

    public ResourceRef Reference => new(Kind, ExternalKey, ExternalName, ExternalId);

    protected void Initialize(string kind, Guid projectId, string plugin, string name, string externalPrefix, DateTimeOffset now)
    {
        var id = Uuid7.At(now);
        Initialize(id, kind, projectId, plugin, name, now);
        ExternalName = UniqueHostName(externalPrefix, id);
    }

    /// <param name="id">That of a resource which exists in the outside system.</param>
    protected void Initialize(Guid id, string kind, Guid projectId, string plugin, string name, DateTimeOffset now)
    {
        Id = id;
        ProjectId = projectId;
        Kind = kind;
        Plugin = plugin;
        Name = name;
        Status = ResourceStatus.Pending;
        CreatedAt = now;
        UpdatedAt = now;
        Version = 1;
    }

    public void BeginProvisioning(DateTimeOffset now) => SetStatus(ResourceStatus.Provisioning, null, now);

    /// <summary>Changes its name. The name in the outside system stays.</summary>
    public void Rename(string name, DateTimeOffset now)
    {
        Name = name;
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>Assigns the resource to a host. Its jobs run on this host only, and only this host reports its state.</summary>
    public void AssignHost(HostIdentity host)
    {
        HostId = host.Id;
        HostName = host.Name;
        Version++;
    }

    /// <summary>
    /// What the outside system has with the key of this resource is managed again. The row is new, or that of a deleted resource, whose
    /// name may be taken meanwhile and whose expiry is over.
    /// </summary>
    /// <param name="found">It, with its id and its name in the outside system.</param>
    /// <param name="host">Null when its plugin is not bound to a host.</param>
    protected void Adopt(string name, ResourceRef found, HostIdentity? host, ResourceStatus status, DateTimeOffset now)
    {
        Name = name;
        ExternalId = found.ExternalId;
        ExternalName = found.ExternalName.Length > NameMax ? found.ExternalName[..NameMax] : found.ExternalName;
        HostId = host?.Id;
        HostName = host?.Name;
        DeleteFailedAt = null;
        ExpireAt(null);
        SetStatus(status, null, now);
    }

    /// <summary>
    /// Records that the host of the resource sends no heartbeat, so that its state is unknown. A resource that is being created or deleted
    /// keeps its status and waits. Returns whether anything changed.
    /// </summary>
    public bool MarkHostLost(string reason, DateTimeOffset now)
    {
        var status =
            IsReachable(Status) || Status is ResourceStatus.Stopped or ResourceStatus.Missing or ResourceStatus.Error
                ? ResourceStatus.Unknown
                : Status;
        if (Status == ResourceStatus.Deleted || status == Status && reason == StatusReason)
        {
            return false;
        }

        SetStatus(status, reason, now);
        return true;
    }

    /// <summary>Sets or removes the time when it is deleted.</summary>
    public void ExpireAt(DateTimeOffset? at)
    {
        ExpiryWarnedAt = at == ExpiresAt ? ExpiryWarnedAt : null;
        ExpiresAt = at;
    }

    /// <summary>Records that people were warned of its expiry.</summary>
    public void MarkExpiryWarned(DateTimeOffset now) => ExpiryWarnedAt = now;

    /// <exception cref="ConflictException">It is deleted or being deleted.</exception>
    public void Change(DateTimeOffset? expiresAt, bool deletionProtection, DateTimeOffset now)
    {
        if (Status is ResourceStatus.Deleting or ResourceStatus.Deleted)
        {
            throw new ConflictException(ErrorCode.ResourceGone, $"The {Kind} is {StateText}.");
        }

        ExpireAt(expiresAt);
        DeletionProtection = deletionProtection;
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>Whether the observation changes nothing but the times.</summary>
    /// <param name="reason">The status reason, as in <see cref="Observe"/>.</param>
    public bool Matches(ResourceObservation seen, string? reason) =>
        !IsUnobserved
        && StatusOf(seen) == Status
        && Status != ResourceStatus.Error
        && (seen.Endpoints.Count == 0 || seen.Endpoints.SequenceEqual(Endpoints))
        && !HasNewFacts(seen)
        && !HasNewDrift(seen)
        && !HasNewReason(Status, seen, reason);

    /// <summary>Records the state that the plugin reports.</summary>
    /// <param name="reason">The status reason, when the observation changes the status or the endpoints.</param>
    public ObservationChange Observe(ResourceObservation seen, string? reason, DateTimeOffset now)
    {
        ObservedAt = now;
        ExternalId = seen.ExternalId ?? ExternalId;
        LastRestorableAt = seen.LastRestorableAt ?? LastRestorableAt;
        var status = StatusOf(seen) ?? Status;
        var endpoints = IsReachable(status) ? seen.Endpoints : [];
        var hasNewDrift = HasNewDrift(seen);
        var hasNewFacts = HasNewFacts(seen) || HasNewReason(status, seen, reason);
        Facts = seen.Facts ?? Facts;
        Drift = seen.Differences ?? Drift;
        if (status == Status && endpoints.SequenceEqual(Endpoints) && !IsUnobserved)
        {
            if (!hasNewFacts && !hasNewDrift)
            {
                return ObservationChange.None;
            }

            SetStatus(Status, HasReasonOfPlugin(Status) ? ReasonOf(seen, reason) : StatusReason, now);
            return hasNewDrift ? ObservationChange.Drift : ObservationChange.Facts;
        }

        Endpoints = endpoints;
        DeleteFailedAt = status is ResourceStatus.Stopped || IsReachable(status) ? null : DeleteFailedAt;
        SetStatus(status, HasReasonOfPlugin(status) ? ReasonOf(seen, reason) : reason, now);
        return ObservationChange.Status;
    }

    /// <summary>
    /// Records that the plugin cannot report the state: the last status stays, with the reason. Returns whether the reason is new.
    /// </summary>
    public bool MarkUnobserved(string? reason, DateTimeOffset now)
    {
        var text = ExternalText.Clean(UnobservedPrefix + (reason ?? "the outside system reports no reason."));
        if (text == StatusReason)
        {
            return false;
        }

        SetStatus(Status, text, now);
        return true;
    }

    public void Fail(string reason, DateTimeOffset now) => SetStatus(ResourceStatus.Error, reason, now);

    /// <summary>Records that the delete failed for good.</summary>
    public void FailDelete(string reason, DateTimeOffset now)
    {
        DeleteFailedAt = now;
        Fail(reason, now);
    }

    /// <summary>Checks that an operation of the kind is allowed.</summary>
    /// <param name="verb">The name of the operation, such as <c>stop</c>.</param>
    /// <param name="allowedIn">The statuses in which the operation is accepted.</param>
    /// <exception cref="ConflictException">The status does not allow the operation.</exception>
    public void EnsureOperable(string verb, IReadOnlyList<ResourceStatus> allowedIn)
    {
        if (!allowedIn.Contains(Status) || ExternalId is null)
        {
            throw new ConflictException(ErrorCode.NotOperable, $"Cannot {verb.Replace('_', ' ')} a {Kind} that is {StateText}.");
        }
    }

    public void BeginDelete(DateTimeOffset now)
    {
        EnsureDeletable();
        ResumeDelete(now);
    }

    /// <exception cref="ConflictException">It is deleted, being deleted or protected.</exception>
    public void EnsureDeletable()
    {
        switch (Status)
        {
            case ResourceStatus.Deleting:
                throw new ConflictException(ErrorCode.AlreadyDeleting, $"The {Kind} is already being deleted.");
            case ResourceStatus.Deleted:
                throw new ConflictException(ErrorCode.AlreadyDeleted, $"The {Kind} is already deleted.");
        }

        EnsureUnprotected();
    }

    /// <exception cref="ConflictException">It is protected from deletion.</exception>
    public void EnsureUnprotected()
    {
        if (DeletionProtection)
        {
            throw new ConflictException(
                ErrorCode.DeletionProtected,
                $"The {Kind} is protected from deletion. A manager of the project can lift the protection."
            );
        }
    }

    /// <summary>Starts the delete again after it failed or was cancelled.</summary>
    public void ResumeDelete(DateTimeOffset now)
    {
        DeleteFailedAt = null;
        AbandonChanges();
        SetStatus(ResourceStatus.Deleting, null, now);
    }

    /// <summary>Gives up requested changes, whose jobs a deletion cancels.</summary>
    protected virtual void AbandonChanges() { }

    /// <param name="outcomeUnknown">Whether it is unknown if the resource exists in the outside system, because it cannot be searched
    /// for.</param>
    public void MarkDeleted(bool outcomeUnknown, DateTimeOffset now)
    {
        Endpoints = [];
        SetStatus(
            ResourceStatus.Deleted,
            outcomeUnknown
                ? $"The answer to the create call was lost and the plugin cannot look it up. The {Kind} may still exist outside "
                    + $"Wombat as {ExternalName}."
                : null,
            now
        );
    }

    /// <summary>It is deleted, and what the plugin keeps of it can be restored until then.</summary>
    public void MarkTrashed(DateTimeOffset until, string? reason, DateTimeOffset now)
    {
        Endpoints = [];
        RestorableUntil = until;
        SetStatus(ResourceStatus.Deleted, reason, now);
    }

    /// <param name="latestExpiry">The latest time at which it may expire; null for no limit.</param>
    /// <exception cref="ConflictException">It is not deleted, or cannot be restored any more.</exception>
    public void BeginUndelete(DateTimeOffset? latestExpiry, DateTimeOffset now)
    {
        if (Status != ResourceStatus.Deleted || RestorableUntil is null || RestorableUntil <= now)
        {
            throw new ConflictException(
                ErrorCode.NotRestorable,
                Status == ResourceStatus.Deleted ? $"The {Kind} cannot be restored any more." : $"The {Kind} is not deleted."
            );
        }

        ExpireAt(ExpiresAt > now && (latestExpiry is null || ExpiresAt < latestExpiry) ? ExpiresAt : latestExpiry);
        SetStatus(ResourceStatus.Updating, null, now);
    }

    /// <summary>It is available again.</summary>
    public void MarkRestored() => RestorableUntil = null;

    /// <summary>What the plugin kept of the deleted resource is gone.</summary>
    public void MarkPurged(DateTimeOffset now)
    {
        RestorableUntil = null;
        SetStatus(ResourceStatus.Deleted, null, now);
    }

    /// <exception cref="ConflictException">No deletion has failed, and the host is not lost.</exception>
    public void EnsureForgettable()
    {
        if (!IsForgettable(Status, DeleteFailedAt, RestorableUntil))
        {
            throw new ConflictException(
                ErrorCode.NotForgettable,
                $"The {Kind} is {StateText}. It can be forgotten only after its deletion failed "
                    + "or when its host is lost. Delete it instead."
            );
        }
    }

    /// <summary>
    /// Whether it can be forgotten: a delete failed and it was not observed since, its host is lost, or it is deleted and what is left of
    /// it cannot be purged.
    /// </summary>
    public static bool IsForgettable(ResourceStatus status, DateTimeOffset? deleteFailedAt, DateTimeOffset? restorableUntil) =>
        status == ResourceStatus.Unknown
        || status == ResourceStatus.Deleted && restorableUntil is not null
        || deleteFailedAt is not null && status is (ResourceStatus.Error or ResourceStatus.Missing);

    /// <summary>Forgets the resource without calling the plugin. Whatever is left in the outside system is no longer managed.</summary>
    /// <exception cref="ConflictException">No deletion has failed, and the host is not lost.</exception>
    public void Forget(string by, DateTimeOffset now)
    {
        EnsureForgettable();

        Endpoints = [];
        RestorableUntil = null;
        SetStatus(
            ResourceStatus.Deleted,
            $"Forgotten by {by}. If it still exists outside Wombat as {ExternalName}, Wombat no longer manages it.",
            now
        );
    }

    /// <summary>Whether a resource in this status has addresses.</summary>
    private static bool IsReachable(ResourceStatus status) =>
        status
            is ResourceStatus.Running
                or ResourceStatus.Ready
                or ResourceStatus.Degraded
                or ResourceStatus.Frozen
                or ResourceStatus.Updating;

    /// <summary>The status that a reported state means; null when it says nothing.</summary>
    protected virtual ResourceStatus? StatusOf(ObservedState state) =>
        state switch
        {
            ObservedState.Running => ResourceStatus.Running,
            ObservedState.Stopped => ResourceStatus.Stopped,
            ObservedState.Missing => ResourceStatus.Missing,
            ObservedState.Broken => ResourceStatus.Error,
            ObservedState.Degraded => ResourceStatus.Degraded,
            ObservedState.Frozen => ResourceStatus.Frozen,
            ObservedState.Updating => ResourceStatus.Updating,
            _ => null,
        };

    // What runs but is not as requested works, but not as promised.
    private ResourceStatus? StatusOf(ResourceObservation seen)
    {
        var status = StatusOf(seen.State);
        return status is ResourceStatus.Running or ResourceStatus.Ready && (seen.Differences ?? Drift).Count > 0
            ? ResourceStatus.Degraded
            : status;
    }

    private bool HasNewFacts(ResourceObservation seen) =>
        seen.Facts is { } facts && (facts.Count != Facts.Count || facts.Any(f => Facts.GetValueOrDefault(f.Key) != f.Value));

    private bool HasNewDrift(ResourceObservation seen) => seen.Differences is { } differences && !differences.SequenceEqual(Drift);

    private bool HasNewReason(ResourceStatus status, ResourceObservation seen, string? reason) =>
        HasReasonOfPlugin(status) && Cleaned(ReasonOf(seen, reason)) != StatusReason;

    // The plugin may change its mind about why it is not as promised; the reason of an error may be that of a job.
    private static bool HasReasonOfPlugin(ResourceStatus status) => status is ResourceStatus.Degraded or ResourceStatus.Frozen;

    private string? ReasonOf(ResourceObservation seen, string? reason)
    {
        var fields = string.Join(", ", (seen.Differences ?? Drift).Select(d => d.Field));
        return fields.Length == 0 ? reason : $"{reason} Changed outside Wombat: {fields}.".TrimStart();
    }

    private static string? Cleaned(string? reason) => reason is null ? null : ExternalText.Clean(reason);

    private string StateText =>
        Status switch
        {
            ResourceStatus.Provisioning => "being provisioned",
            ResourceStatus.Deleting => "being deleted",
            ResourceStatus.Error => "in error",
            _ => Status.ToString().ToLowerInvariant(),
        };

    protected virtual void SetStatus(ResourceStatus status, string? reason, DateTimeOffset now)
    {
        Status = status;
        StatusReason = Cleaned(reason);
        UpdatedAt = now;
        Version++;
    }

    // A DNS label: the requested name, shortened, and eight hex digits of the random end of the id to make it unique.
    private static string UniqueHostName(string prefix, Guid id)
    {
        const int Room = 63 - 9;
        var cut = prefix.Length <= Room ? prefix : prefix[..Room];
        return $"{cut.TrimEnd('-')}-{id.ToString("N")[^8..]}";
    }
}
