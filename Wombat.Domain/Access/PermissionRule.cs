namespace Wombat.Domain.Access;

/// <param name="Scope">The minimum scope of the token.</param>
/// <param name="Meaning">The description in docs/permissions.md.</param>
public sealed record PermissionRule(Permission Permission, Audience Audience, TokenScope Scope, string Meaning)
{
    /// <summary>Whether the permission is granted per project.</summary>
    public bool IsOfProject => Audience is Audience.Member or Audience.Viewer or Audience.Developer or Audience.ProjectManager;
}
