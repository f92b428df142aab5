namespace Wombat.Domain.Access;

/// <summary>The rule of one <see cref="Permission"/>: who has it.</summary>
/// <param name="scope">The minimum scope of the token.</param>
/// <param name="meaning">The description in docs/permissions.md.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class PermissionRuleAttribute(Audience audience, TokenScope scope, string meaning) : Attribute
{
    public Audience Audience => audience;

    public TokenScope Scope => scope;

    public string Meaning => meaning;

    /// <summary>Whether the permission is granted per project.</summary>
    public bool IsOfProject => audience is Audience.Member or Audience.Viewer or Audience.Developer or Audience.ProjectManager;
}
