using System.Collections.Concurrent;

namespace Wombat.Domain.Audit;

/// <summary>
/// The action of an event: a noun and a verb, such as <c>project.created</c>. This is the complete catalogue; the table in docs/events.md
/// and the enum in the OpenAPI document are generated from it.
/// </summary>
public sealed class EventAction
{
    private static readonly List<EventAction> Listed = [];
    private static readonly ConcurrentDictionary<(string Kind, string Verb), EventAction> OfKinds = new();

    public static readonly EventAction ProjectCreated = new("project.created", "A project was created.");
    public static readonly EventAction ProjectUpdated = new("project.updated", "A project was changed.");
    public static readonly EventAction ProjectDeleting = new("project.deleting", "The deletion of a project was requested.");
    public static readonly EventAction ProjectDeleted = new("project.deleted", "A project was deleted, with its members and tokens.");
    public static readonly EventAction ProjectDeleteFailed = new("project.delete_failed", "The deletion of a project failed.");
    public static readonly EventAction MemberAdded = new("member.added", "A user became a member of a project.");
    public static readonly EventAction MemberRoleChanged = new("member.role_changed", "A member got another role.");
    public static readonly EventAction MemberRemoved = new("member.removed", "A user is no longer a member of a project.");
    public static readonly EventAction TokenCreated = new("token.created", "An access token was created.");
    public static readonly EventAction TokenRevoked = new("token.revoked", "An access token was revoked.");
    public static readonly EventAction SessionOpened = new("session.opened", "A user signed in.");
    public static readonly EventAction SessionEnded = new("session.ended", "A session was ended before it expired.");
    public static readonly EventAction UserCreated = new("user.created", "A user was created.");
    public static readonly EventAction UserUpdated = new("user.updated", "A user was changed.");
    public static readonly EventAction UserDeactivated = new("user.deactivated", "A user can no longer sign in.");
    public static readonly EventAction UserPasswordSet = new("user.password_set", "A password was set or changed.");
    public static readonly EventAction UserRolesKept = new(
        "user.roles_kept",
        "A provider did not report a user's groups; the user kept the roles. At most once a day."
    );
    public static readonly EventAction SshKeyAdded = new("ssh_key.added", "A user added an SSH key.");
    public static readonly EventAction SshKeyDeleted = new("ssh_key.deleted", "An SSH key was deleted.");
    public static readonly EventAction IdentityLinked = new("identity.linked", "An external identity was linked to a user.");
    public static readonly EventAction IdentityUnlinked = new("identity.unlinked", "An external identity was unlinked from a user.");
    public static readonly EventAction DirectorySynced = new(
        "directory.synced",
        "A synchronization with the LDAP directory changed something."
    );
    public static readonly EventAction JobCancelRequested = new("job.cancel_requested", "The cancellation of a job was requested.");
    public static readonly EventAction JobRetried = new("job.retried", "A job was queued again.");
    public static readonly EventAction JobSucceeded = new("job.succeeded", "A job succeeded.");
    public static readonly EventAction JobFailed = new("job.failed", "A job failed.");
    public static readonly EventAction JobCancelled = new("job.cancelled", "A job was cancelled.");
    public static readonly EventAction JobInterrupted = new("job.interrupted", "A job lost its worker and was not run again.");
    public static readonly EventAction ContainerSshKeysGiven = new("container.ssh_keys_given", "A container was requested with SSH keys.");
    public static readonly EventAction ContainerSshKeysRemoved = new(
        "container.ssh_keys_removed",
        "A member was removed, and with the member the SSH keys given to a container."
    );
    public static readonly EventAction ContainerPortsChanged = new(
        "container.ports_changed",
        "The published ports of a container were changed."
    );
    public static readonly EventAction ContainerConsoleOpened = new(
        "container.console_opened",
        "Somebody opened a console in a container. What was typed and shown is not recorded."
    );
    public static readonly EventAction ContainerConsoleClosed = new(
        "container.console_closed",
        "A console in a container ended; the event says after how long and why."
    );
    public static readonly EventAction OrphanAdopted = new(
        "orphan.adopted",
        "A container that existed without an entry in Wombat is managed again, in a project."
    );
    public static readonly EventAction OrphanRemoveRequested = new(
        "orphan.remove_requested",
        "The deletion of a container that exists without an entry in Wombat was requested."
    );
    public static readonly EventAction OrphanRemoved = new(
        "orphan.removed",
        "A container that existed without an entry in Wombat was deleted."
    );
    public static readonly EventAction DatabaseCredentialsRevealed = new(
        "database.credentials_revealed",
        "Somebody read the credentials of a database or of one of its users."
    );
    public static readonly EventAction DatabaseBackupOverdue = new(
        "database.backup_overdue",
        "A backup of the tier's schedule is missing: the last time that can be restored is older."
    );
    public static readonly EventAction DatabaseBackupResumed = new(
        "database.backup_resumed",
        "No backup of the tier's schedule is missing any more."
    );
    public static readonly EventAction DatabaseDrillSucceeded = new(
        "database.drill_succeeded",
        "A backup was restored on trial, and all of it could be read."
    );
    public static readonly EventAction DatabaseDrillFailed = new("database.drill_failed", "A backup could not be restored on trial.");
    public static readonly EventAction WorkspaceCreated = new(
        "workspace.created",
        "A directory or a git repository was registered for commands."
    );
    public static readonly EventAction WorkspaceDeleted = new("workspace.deleted", "A workspace was removed from Wombat; its files stay.");
    public static readonly EventAction HostCreated = new("host.created", "A host that commands reach by SSH was registered.");
    public static readonly EventAction HostUpdated = new("host.updated", "A host was changed.");
    public static readonly EventAction HostDeleted = new("host.deleted", "A host was removed from Wombat.");
    public static readonly EventAction HostKeysAccepted = new("host.keys_accepted", "An admin accepted the host keys of a host.");
    public static readonly EventAction HostKeyChanged = new(
        "host.key_changed",
        "A host showed other host keys than the accepted ones: nothing runs on it until an admin has accepted them."
    );
    public static readonly EventAction HostKeyReplaced = new("host.key_replaced", "Wombat got another key for a host.");
    public static readonly EventAction CommandCreated = new("command.created", "A command was created.");
    public static readonly EventAction CommandUpdated = new("command.updated", "A command was changed.");
    public static readonly EventAction CommandDeleted = new("command.deleted", "A command was deleted; its runs stay.");
    public static readonly EventAction RunRequested = new("run.requested", "A run of a command was requested.");
    public static readonly EventAction RunApproved = new("run.approved", "A second person approved a run.");
    public static readonly EventAction RunRejected = new("run.rejected", "A run was rejected: nothing of it was executed.");
    public static readonly EventAction RunApprovalExpired = new(
        "run.approval_expired",
        "Nobody approved a run in time: nothing of it was executed."
    );
    public static readonly EventAction RunEnded = new("run.ended", "The processes of a run have ended; the details say how.");
    public static readonly EventAction ScheduleCreated = new("schedule.created", "A schedule of a command was created.");
    public static readonly EventAction ScheduleUpdated = new("schedule.updated", "A schedule was changed, paused or resumed.");
    public static readonly EventAction ScheduleDeleted = new("schedule.deleted", "A schedule was deleted; its runs stay.");
    public static readonly EventAction ScheduleRefused = new(
        "schedule.refused",
        "A schedule fired and no run was requested; recorded once for each reason in a row."
    );
    public static readonly EventAction TierSaved = new("tier.saved", "A tier was created or changed.");
    public static readonly EventAction TierRolloutRequested = new(
        "tier.rollout_requested",
        "It was requested that the databases of a tier get what it promises now."
    );
    public static readonly EventAction TierDeleted = new("tier.deleted", "A tier was deleted.");
    public static readonly EventAction BudgetSet = new("budget.set", "The budget of a project was set.");
    public static readonly EventAction RequestRefused = new(
        "request.refused",
        "A request was refused: its caller lacks a valid credential or a permission."
    );
    public static readonly EventAction RequestFailed = new("request.failed", "A request to change something failed.");

    /// <summary>The verbs of every resource kind, with their meanings.</summary>
    public static readonly IReadOnlyDictionary<string, string> ResourceVerbs = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["requested"] = "was requested",
        ["pending"] = "waits to be created",
        ["provisioning"] = "is being created",
        ["running"] = "runs",
        ["stopped"] = "is stopped",
        ["error"] = "failed",
        ["missing"] = "no longer exists in the outside system",
        ["unknown"] = "cannot be observed",
        ["ready"] = "is ready",
        ["updating"] = "is being changed",
        ["degraded"] = "works, but not as promised",
        ["frozen"] = "is read-only or suspended",
        ["drifted"] = "differs from what was requested, because somebody changed it outside Wombat",
        ["drift_ended"] = "no longer differs from what was requested",
        ["updated"] = "was changed",
        ["expiring"] = "will be deleted soon because it expires",
        ["undelete_requested"] = "was requested to be restored after its deletion",
        ["purged"] = "can no longer be restored",
        ["deleting"] = "is being deleted",
        ["deleted"] = "was deleted",
        ["forgotten"] = "was removed from Wombat without being deleted in the outside system",
    };

    private EventAction(string name, string meaning, bool isListed = true)
    {
        (Name, Meaning) = (name, meaning);
        if (isListed)
        {
            Listed.Add(this);
        }
    }

    /// <summary>The actions that do not depend on the registered resource kinds.</summary>
    public static IReadOnlyList<EventAction> All => Listed;

    public string Name { get; }

    /// <summary>One sentence for the documentation.</summary>
    public string Meaning { get; }

    /// <summary>The action for a change of a resource.</summary>
    /// <param name="kind">The resource kind, such as <c>container</c>.</param>
    /// <param name="verb">One of <see cref="ResourceVerbs"/>.</param>
    /// <exception cref="InvalidOperationException">The verb is not one of them.</exception>
    public static EventAction OfResource(string kind, string verb) =>
        OfKinds.GetOrAdd(
            (kind, verb),
            static k =>
                ResourceVerbs.TryGetValue(k.Verb, out var meaning)
                    ? new EventAction($"{k.Kind}.{k.Verb}", $"A {k.Kind} {meaning}.", isListed: false)
                    : throw new InvalidOperationException($"Resources have no event '{k.Verb}'.")
        );

    /// <summary>The action for the request of an operation, such as <c>container.start_requested</c>.</summary>
    public static EventAction OfOperation(string kind, string operation) =>
        OfKinds.GetOrAdd(
            (kind, operation + "_requested"),
            static (k, operation) =>
                new EventAction($"{k.Kind}.{k.Verb}", $"The operation {operation} of a {k.Kind} was requested.", isListed: false),
            operation
        );

    /// <summary>All actions of a resource kind.</summary>
    public static IEnumerable<EventAction> OfKind(string kind, IEnumerable<string> operations) =>
        [.. ResourceVerbs.Keys.Select(v => OfResource(kind, v)), .. operations.Select(o => OfOperation(kind, o))];

    public override string ToString() => Name;
}
