namespace Wombat.Domain.Access;

/// <param name="Scope">The least scope of a token that is used for it.</param>
/// <param name="Meaning">For docs/permissions.md.</param>
public sealed record PermissionRule(Permission Permission, Audience Audience, TokenScope Scope, string Meaning)
{
    /// <summary>Whether it is held in one project and not on the platform.</summary>
    public bool IsOfProject => Audience is Audience.Member or Audience.Viewer or Audience.Developer or Audience.ProjectManager;
}
