namespace Wombat.Application.Projects;

/// <summary>What ended with a project.</summary>
public sealed record EndedProject(string UnixName, IReadOnlyList<EndedMember> Members, IReadOnlyList<EndedToken> RevokedTokens);
