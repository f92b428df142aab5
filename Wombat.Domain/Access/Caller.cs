using Wombat.Domain.Members;
using Wombat.Domain.Projects;

namespace Wombat.Domain.Access;

/// <summary>Who asks, and by what credential.</summary>
/// <param name="Name">A login, the name of a service account, <c>admin-token</c>, or <c>system</c> for Wombat itself.</param>
/// <param name="AuthenticationType">The kind of credential: <c>token</c>, <c>session</c>, <c>jwt</c>, <c>job</c>, <c>system</c>, <c>anonymous</c>.</param>
/// <param name="IsAdmin">Holds every permission that <see cref="Scope"/> and <see cref="RestrictedToProjectId"/> leave.</param>
public sealed record Caller(string Name, string AuthenticationType, bool IsAdmin)
{
    /// <summary>The name of the token that is there from the first start on.</summary>
    public const string FirstAdmin = "admin-token";

    /// <summary>What <see cref="AuthenticationType"/> says of a bearer token of Wombat's.</summary>
    public const string ByToken = "token";

    /// <summary>What <see cref="AuthenticationType"/> says of another issuer's signed token.</summary>
    public const string ByJwt = "jwt";

    /// <summary>Wombat itself: the reconciler, the rescuer.</summary>
    public static readonly Caller System = new("system", "system", IsAdmin: true);

    /// <summary>Nobody, where the platform lets anyone read what is public.</summary>
    public static readonly Caller Anonymous = new("anonymous", "anonymous", IsAdmin: false) { Scope = TokenScope.Read };

    /// <summary>Whoever brings the token of the metrics.</summary>
    public static readonly Caller Metrics = new("metrics-token", "token", IsAdmin: false)
    {
        Scope = TokenScope.Read,
        OnlyPermission = Permission.MetricsRead,
    };

    /// <summary>The only permission that the credential has, which no other rule then widens; null for no such limit.</summary>
    public Permission? OnlyPermission { get; init; }

    /// <summary>Null for service accounts and for Wombat itself.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The token or session, for lists of one's own; null where there is none.</summary>
    public Guid? CredentialId { get; init; }

    /// <summary>When the credential ends, where that is known beforehand: tokens made by it end no later.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The user, or the token that is no user's; of a job, whoever asked for it. Null for Wombat itself, and for nobody.</summary>
    public Guid? ActorId
    {
        get => field ?? UserId ?? CredentialId;
        init;
    }

    /// <summary>As whom it is written down.</summary>
    public Actor Actor => new(Name, ActorId);

    public TokenScope Scope { get; init; } = TokenScope.Manage;

    /// <summary>The only project that the credential reaches; null for no such limit.</summary>
    public Guid? RestrictedToProjectId { get; init; }

    /// <summary>A project's own token: not a user, a role in that one project.</summary>
    public bool IsServiceAccount => UserId is null && RestrictedToProjectId is not null;

    /// <summary>Whether its standing in projects has to be looked up.</summary>
    public bool IsMember => UserId is not null && !IsAdmin;

    /// <summary>How it stands to a project, from what is stored of it.</summary>
    /// <param name="visibility">Null where there is no such project.</param>
    /// <param name="member">The role as a member, null for none.</param>
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
