using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>The data of the event about a deleted project.</summary>
public sealed record EndedProject(
    string UnixName,
    Visibility Visibility,
    IReadOnlyList<EndedMember> Members,
    IReadOnlyList<EndedToken> RevokedTokens
);
