namespace Wombat.Application.Directories;

/// <param name="Kept">Managers whom the groups no longer name, kept because a project needs one.</param>
internal sealed record GroupMemberChanges(int Added, int Changed, int Removed, int Kept);
