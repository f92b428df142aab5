using Wombat.Domain.Members;
using Wombat.Domain.Projects;

namespace Wombat.Domain.Access;

/// <summary>The sender of a request and the credential used.</summary>
/// <param name="Name">A login, the name of a service account, <c>admin-token</c>, or <c>system</c> for Wombat itself.</param>
/// <param name="AuthenticationType">The kind of credential: <c>token</c>, <c>session</c>, <c>jwt</c>, <c>job</c>, <c>schedule</c>,
/// <c>system</c>, <c>anonymous</c>.</param>
/// <param name="IsAdmin">Whether the caller has every permission within <see cref="Scope"/> and <see
/// cref="RestrictedToProjectId"/>.</param>
public sealed record Caller(string Name, string AuthenticationType, bool IsAdmin)
{
    /// <summary>The name of the first admin token.</summary>
    public const string FirstAdmin = "admin-token";

    /// <summary>The authentication type of Wombat's bearer tokens.</summary>
    public const string ByToken = "token";

    /// <summary>The authentication type of signed tokens of other issuers.</summary>
    public const string ByJwt = "jwt";

    /// <summary>The authentication type of a schedule that acts for who saved it.</summary>
    public const string BySchedule = "schedule";

    /// <summary>Wombat itself, such as the reconciler.</summary>
    public static readonly Caller System = new("system", "system", IsAdmin: true);

    /// <summary>An anonymous caller, if reading public projects without signing in is allowed.</summary>
    public static readonly Caller Anonymous = new("anonymous", "anonymous", IsAdmin: false) { Scope = TokenScope.Read };

    /// <summary>The holder of the metrics token.</summary>
    public static readonly Caller Metrics = new("metrics-token", "token", IsAdmin: false)
    {
        Scope = TokenScope.Read,
        OnlyPermission = Permission.MetricsRead,
    };

    /// <summary>Whether the caller has every permission of its scope in all projects.</summary>
    public bool HasFullAccess => IsAdmin && RestrictedToProjectId is null;

    /// <summary>The only permission of the credential; null for no such limit.</summary>
    public Permission? OnlyPermission { get; init; }

    /// <summary>The user; null for service accounts and for Wombat itself.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The id of the token or session, if any.</summary>
    public Guid? CredentialId { get; init; }

    /// <summary>When the credential expires, if known. Tokens created with it expire no later.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// The id of the user, or of the token without a user; for a job, of its requester. Null for Wombat itself and for anonymous callers.
    /// </summary>
    public Guid? ActorId
    {
        get => field ?? UserId ?? CredentialId;
        init;
    }

    /// <summary>The actor in events.</summary>
    public Actor Actor => new(Name, ActorId);

    public TokenScope Scope { get; init; } = TokenScope.Manage;

    /// <summary>The only project to which the credential gives access; null for no such limit.</summary>
    public Guid? RestrictedToProjectId { get; init; }

    /// <summary>Whether the caller is a project token: no user, but a role in one project.</summary>
    public bool IsServiceAccount => UserId is null && RestrictedToProjectId is not null;

    /// <summary>Whether the caller's project access must be looked up.</summary>
    public bool IsMember => UserId is not null && !IsAdmin;

    /// <summary>Computes the access to a project.</summary>
    /// <param name="visibility">The project's visibility; null if it does not exist.</param>
    /// <param name="member">The caller's role as a member, if any.</param>
    public ProjectAccess AccessTo(Guid project, Visibility? visibility, ProjectRole? member)
    {
        var inReach = visibility is not null && (RestrictedToProjectId is null || RestrictedToProjectId == project);
        var role =
            !inReach ? null
            : IsAdmin ? ProjectRole.ProjectManager
            : IsServiceAccount ? RoleOfScope()
            : member;
        var visible =
            inReach && (role is not null || visibility == Visibility.Public || visibility == Visibility.Internal && UserId is not null);
        return new ProjectAccess(visible, role);
    }

    private ProjectRole RoleOfScope() =>
        Scope switch
        {
            TokenScope.Manage => ProjectRole.ProjectManager,
            TokenScope.Operate => ProjectRole.Developer,
            _ => ProjectRole.Viewer,
        };
}
