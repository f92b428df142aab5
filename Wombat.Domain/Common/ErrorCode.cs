using System.Collections.Concurrent;

namespace Wombat.Domain.Common;

/// <summary>
/// The kind of an error, for programs; part of the API. This is the complete catalogue; docs/errors.md and the enum in the OpenAPI document
/// are generated from it.
/// </summary>
public sealed class ErrorCode
{
    private static readonly List<ErrorCode> Listed = [];
    private static readonly ConcurrentDictionary<string, ErrorCode> OfKinds = new(StringComparer.Ordinal);

    public static readonly ErrorCode ValidationFailed = new(
        "validation_failed",
        "400",
        "Fields of the request are not valid; errors has the messages by field."
    );
    public static readonly ErrorCode Unauthenticated = new("unauthenticated", "401", "The request has no valid credential.");
    public static readonly ErrorCode Forbidden = new("forbidden", "403", "The caller lacks a permission; the message names it.");
    public static readonly ErrorCode CsrfTokenMissing = new(
        "csrf_token_missing",
        "403",
        "A session sent a change without its CSRF token, or opened a WebSocket from another site."
    );
    public static readonly ErrorCode FirstPassword = new("first_password", "403", "Only an admin can set the first password of a user.");
    public static readonly ErrorCode ScopeTooNarrow = new(
        "scope_too_narrow",
        "403",
        "The new token would have a wider scope than the credential that creates it."
    );
    public static readonly ErrorCode UnixNameReserved = new(
        "unix_name_reserved",
        "403",
        "Role mappings name a project of this unix_name; only an admin can create it."
    );
    public static readonly ErrorCode NotFound = new(
        "not_found",
        "404, job",
        "There is no such endpoint. In a job: the outside system does not have the resource."
    );
    public static readonly ErrorCode ProjectNotFound = new(
        "project_not_found",
        "404",
        "The project does not exist, or the caller may not see it."
    );
    public static readonly ErrorCode TierNotFound = new("tier_not_found", "404", "There is no tier of this name.");
    public static readonly ErrorCode OrphanNotFound = new(
        "orphan_not_found",
        "404",
        "The orphan does not exist, or was adopted or removed."
    );
    public static readonly ErrorCode DatabaseUserNotFound = new("database_user_not_found", "404", "The database has no user of this name.");
    public static readonly ErrorCode CommandNotFound = new(
        "command_not_found",
        "404",
        "The command does not exist, or the caller may not see it."
    );
    public static readonly ErrorCode RunNotFound = new("run_not_found", "404", "The run does not exist, or the caller may not see it.");
    public static readonly ErrorCode WorkspaceNotFound = new(
        "workspace_not_found",
        "404",
        "The workspace does not exist, or the caller may not see it."
    );
    public static readonly ErrorCode WorkspaceInUse = new("workspace_in_use", "409", "Commands use the workspace.");
    public static readonly ErrorCode RepositoryUnreachable = new(
        "repository_unreachable",
        "409, job",
        "The git repository does not answer, does not let Wombat in, or does not exist. Nothing was executed."
    );
    public static readonly ErrorCode ReferenceNotFound = new(
        "reference_not_found",
        "409, job",
        "The git repository does not have the branch, tag, commit or directory. Nothing was executed."
    );
    public static readonly ErrorCode RepositoryTooLarge = new(
        "repository_too_large",
        "409, job",
        "The commit of the git repository is larger than commands.git_mib. Nothing was executed."
    );
    public static readonly ErrorCode HostNotFound = new("host_not_found", "404", "The host does not exist, or the caller may not see it.");
    public static readonly ErrorCode HostInUse = new(
        "host_in_use",
        "409",
        "Commands use the host, or other hosts use it as their jump host."
    );
    public static readonly ErrorCode HostNotTrusted = new(
        "host_not_trusted",
        "409, job",
        "No admin has accepted the host keys of the host, or it shows others now."
    );
    public static readonly ErrorCode HostKeysDiffer = new(
        "host_keys_differ",
        "409",
        "The host shows other keys than those that the request accepts."
    );
    public static readonly ErrorCode HostUnreachable = new(
        "host_unreachable",
        "409, job",
        "A host of SSH does not answer, or does not let Wombat in."
    );
    public static readonly ErrorCode HostConnectionLost = new(
        "host_connection_lost",
        "job",
        "The connection to the host ended before the program did."
    );
    public static readonly ErrorCode HostsFailed = new("hosts_failed", "job", "The run did not succeed on each of its hosts.");
    public static readonly ErrorCode ApprovalNotPending = new("approval_not_pending", "409", "The run does not wait for an approval.");
    public static readonly ErrorCode ApprovalByRequester = new(
        "approval_by_requester",
        "403",
        "Who has requested a run cannot approve it; a second person has to sign in for that."
    );
    public static readonly ErrorCode ApprovalExpired = new("approval_expired", "job", "Nobody approved the run in time.");
    public static readonly ErrorCode ScheduleNotFound = new(
        "schedule_not_found",
        "404",
        "The schedule does not exist, or the caller may not see it."
    );
    public static readonly ErrorCode ScheduleLimit = new("schedule_limit", "409", "The command has as many schedules as are allowed.");
    public static readonly ErrorCode ScheduleAccessLost = new(
        "schedule_access_lost",
        "schedule",
        "Who saved the schedule may no longer run the command, or the token with which it was saved is not valid."
    );
    public static readonly ErrorCode ScheduleOutdated = new(
        "schedule_outdated",
        "schedule",
        "The command was changed after the schedule was saved."
    );
    public static readonly ErrorCode CommandBusy = new(
        "command_busy",
        "409",
        "A run of the command has not ended, and the command refuses a second one."
    );
    public static readonly ErrorCode TargetsUnreadable = new(
        "targets_unreadable",
        "409",
        "The targets of a Makefile cannot be read here; the message says why."
    );
    public static readonly ErrorCode OutputTooLarge = new("output_too_large", "job", "The command printed more than a log stores.");
    public static readonly ErrorCode JobNotFound = new("job_not_found", "404", "The job does not exist, or the caller may not see it.");
    public static readonly ErrorCode UserNotFound = new("user_not_found", "404", "The user does not exist.");
    public static readonly ErrorCode MemberNotFound = new("member_not_found", "404", "The user is not a member of the project.");
    public static readonly ErrorCode SessionNotFound = new("session_not_found", "404", "The user has no such session.");
    public static readonly ErrorCode TokenNotFound = new("token_not_found", "404", "The token does not exist or is revoked.");
    public static readonly ErrorCode SshKeyNotFound = new("ssh_key_not_found", "404", "The user has no such SSH key.");
    public static readonly ErrorCode IdentityNotFound = new("identity_not_found", "404", "The user has no such identity.");
    public static readonly ErrorCode MethodNotAllowed = new(
        "method_not_allowed",
        "405",
        "The endpoint does not support the method; Allow lists those that it supports."
    );
    public static readonly ErrorCode AlreadyDeleted = new("already_deleted", "409", "The resource is already deleted.");
    public static readonly ErrorCode AlreadyDeleting = new("already_deleting", "409", "The resource is already being deleted.");
    public static readonly ErrorCode DirectoryEntryExists = new(
        "directory_entry_exists",
        "409, job",
        "Another entry of the directory has the login."
    );
    public static readonly ErrorCode DirectoryNotConfigured = new(
        "directory_not_configured",
        "409, 503, job",
        "No LDAP directory is configured."
    );
    public static readonly ErrorCode EditConflict = new("edit_conflict", "409", "Another request changed the resource at the same time.");
    public static readonly ErrorCode IdentityTaken = new("identity_taken", "409", "The identity is linked to a user already.");
    public static readonly ErrorCode JobEnded = new("job_ended", "409", "The job has already ended.");
    public static readonly ErrorCode JobNotRetryable = new("job_not_retryable", "409", "The job has not failed.");
    public static readonly ErrorCode JobsUnfinished = new("jobs_unfinished", "409", "The resource has jobs that have not ended.");
    public static readonly ErrorCode KeyExists = new("key_exists", "409", "The user already has this SSH key.");
    public static readonly ErrorCode LastAdmin = new("last_admin", "409, job", "The change would leave no active admin.");
    public static readonly ErrorCode LastManager = new(
        "last_manager",
        "409",
        "The change would leave a project without an active manager."
    );
    public static readonly ErrorCode MemberExists = new("member_exists", "409", "The user is a member already.");
    public static readonly ErrorCode NameTaken = new("name_taken", "409", "Another resource of the project has the name.");
    public static readonly ErrorCode NoSession = new("no_session", "409", "The request was not authenticated by a session.");
    public static readonly ErrorCode NotForgettable = new(
        "not_forgettable",
        "409",
        "The resource can be deleted, so it cannot be forgotten."
    );
    public static readonly ErrorCode DeletionProtected = new("deletion_protected", "409", "The resource is protected from deletion.");
    public static readonly ErrorCode NotRestorable = new(
        "not_restorable",
        "409",
        "The resource, or the state of it at that time, cannot be restored."
    );
    public static readonly ErrorCode TierInUse = new("tier_in_use", "409", "Databases of the tier exist.");
    public static readonly ErrorCode RolloutUnfinished = new("rollout_unfinished", "409", "A job already rolls out the tier.");
    public static readonly ErrorCode RolloutStopped = new(
        "rollout_stopped",
        "job",
        "A database could not get what its tier promises; the message names it."
    );
    public static readonly ErrorCode NotOperable = new("not_operable", "409", "The state of the resource does not allow the operation.");
    public static readonly ErrorCode OwnAccount = new(
        "own_account",
        "409",
        "Admins cannot deactivate their own account or change their own role."
    );
    public static readonly ErrorCode ProjectDeleting = new("project_deleting", "409", "The project is being deleted.");
    public static readonly ErrorCode ProjectExists = new("project_exists", "409", "A project with this unix_name already exists.");
    public static readonly ErrorCode ProjectInactive = new("project_inactive", "409", "The project is not active.");
    public static readonly ErrorCode ProjectNotEmpty = new("project_not_empty", "409", "The project still has resources.");
    public static readonly ErrorCode ProviderNotConfigured = new("provider_not_configured", "409", "No OpenID provider is configured.");
    public static readonly ErrorCode ResourceGone = new(
        "resource_gone",
        "409",
        "The resource or project of the job is deleted or being deleted."
    );
    public static readonly ErrorCode StillThere = new("still_there", "409", "The outside system still has the resource.");
    public static readonly ErrorCode TokenRevoked = new("token_revoked", "409", "The token is already revoked.");
    public static readonly ErrorCode TooManyJobs = new("too_many_jobs", "409", "Too many jobs of the resource are waiting.");
    public static readonly ErrorCode TooManyKeys = new("too_many_keys", "409", "The user has as many SSH keys as allowed.");
    public static readonly ErrorCode TooManyTokens = new("too_many_tokens", "409", "There are as many tokens as allowed.");
    public static readonly ErrorCode UnknownKind = new("unknown_kind", "409, job", "This version has no handler for jobs of this kind.");
    public static readonly ErrorCode UserExists = new("user_exists", "409", "A user with this login already exists.");
    public static readonly ErrorCode UserInactive = new("user_inactive", "409", "The user is not active.");
    public static readonly ErrorCode StaleVersion = new(
        "stale_version",
        "412",
        "The resource has changed since the version in If-Match, or what an import would do since the plan_id."
    );
    public static readonly ErrorCode BodyTooLarge = new("body_too_large", "413", "The body is larger than 1 MiB.");
    public static readonly ErrorCode UnsupportedMediaType = new(
        "unsupported_media_type",
        "415",
        "The body is not JSON in UTF-8, or is compressed."
    );
    public static readonly ErrorCode BudgetExceeded = new(
        "budget_exceeded",
        "422",
        "The request exceeds a quota; the fields limit, allowed, used and requested have the numbers."
    );
    public static readonly ErrorCode IdempotencyKeyReused = new(
        "idempotency_key_reused",
        "422",
        "The Idempotency-Key was used for another request."
    );
    public static readonly ErrorCode RateLimited = new("rate_limited", "429", "The caller sends too many requests.");
    public static readonly ErrorCode TooManySignIns = new("too_many_sign_ins", "429", "Too many attempts to sign in failed.");
    public static readonly ErrorCode TooManyConsoles = new(
        "too_many_consoles",
        "429",
        "The caller, or all callers together, have as many open consoles as allowed."
    );
    public static readonly ErrorCode TooManyStreams = new("too_many_streams", "429", "The caller has too many open streams.");
    public static readonly ErrorCode Internal = new(
        "internal",
        "500, job",
        "An unexpected error; the server log has the details under the trace id."
    );
    public static readonly ErrorCode RequestFailed = new("request_failed", "4xx, 5xx", "The request failed before it reached an endpoint.");
    public static readonly ErrorCode DatabaseUnavailable = new(
        "database_unavailable",
        "503, job",
        "The database does not answer or cannot write."
    );
    public static readonly ErrorCode DirectoryUnavailable = new(
        "directory_unavailable",
        "503, job",
        "The LDAP directory does not answer, or refuses Wombat."
    );
    public static readonly ErrorCode PluginUnavailable = new("plugin_unavailable", "503", "A plugin does not answer.");
    public static readonly ErrorCode ProviderUnavailable = new(
        "provider_unavailable",
        "503",
        "The OpenID provider does not answer, or not completely."
    );
    public static readonly ErrorCode Stopping = new("stopping", "503", "This replica is stopping.");
    public static readonly ErrorCode Cancelled = new("cancelled", "job", "The job was cancelled.");
    public static readonly ErrorCode Capacity = new("capacity", "job", "The outside system has no capacity.");
    public static readonly ErrorCode CommandFailed = new("command_failed", "job", "The command exited with another code than 0.");
    public static readonly ErrorCode CommandTimedOut = new("command_timed_out", "job", "The command did not exit in time and was ended.");
    public static readonly ErrorCode Conflict = new(
        "conflict",
        "job",
        "The outside system refuses: a name is taken or a state forbids it."
    );
    public static readonly ErrorCode InvalidArguments = new(
        "invalid_arguments",
        "job",
        "This version cannot read the arguments of the job."
    );
    public static readonly ErrorCode InvalidRequest = new("invalid_request", "job", "The outside system refuses the request as invalid.");
    public static readonly ErrorCode NoGroups = new("no_groups", "job", "The directory shows no groups, although roles come from groups.");
    public static readonly ErrorCode NotSupported = new("not_supported", "409, job", "The plugin does not support the operation.");
    public static readonly ErrorCode PluginUnauthenticated = new(
        "plugin_unauthenticated",
        "job",
        "The outside system refuses the credentials of the plugin."
    );
    public static readonly ErrorCode ResourceNotDeleted = new(
        "resource_not_deleted",
        "job",
        "A resource of the project could not be deleted."
    );
    public static readonly ErrorCode TooManyVanished = new(
        "too_many_vanished",
        "job",
        "More users have vanished from the directory than ldap.max_deactivate_percent allows."
    );
    public static readonly ErrorCode Unavailable = new("unavailable", "job", "The outside system does not answer.");
    public static readonly ErrorCode Unknown = new("unknown", "job", "The answer of the outside system was not understood.");
    public static readonly ErrorCode HostUnavailable = new("host_unavailable", "job", "The host of the resource has not sent a heartbeat.");
    public static readonly ErrorCode WorkerLost = new("worker_lost", "job", "The worker of the job died.");

    private ErrorCode(string name, string occurs, string meaning, bool isListed = true)
    {
        (Name, Occurs, Meaning) = (name, occurs, meaning);
        if (isListed)
        {
            Listed.Add(this);
        }
    }

    /// <summary>The codes that do not depend on the registered resource kinds.</summary>
    public static IReadOnlyList<ErrorCode> All => Listed;

    public string Name { get; }

    /// <summary>The HTTP statuses with this code, <c>job</c> if it is an error of jobs, and <c>schedule</c> of schedules.</summary>
    public string Occurs { get; }

    /// <summary>One sentence for the documentation.</summary>
    public string Meaning { get; }

    /// <summary>The code for an object that does not exist, such as <c>project_not_found</c>.</summary>
    /// <param name="noun">The type of the object: the noun of a code listed here, or a resource kind.</param>
    public static ErrorCode NotFoundOf(string noun) =>
        OfKinds.GetOrAdd(
            noun,
            static noun =>
                Listed.Find(c => c.Name == noun + "_not_found")
                ?? new ErrorCode(noun + "_not_found", "404", $"The {noun} does not exist, or the caller may not see it.", isListed: false)
        );

    public override string ToString() => Name;
}
