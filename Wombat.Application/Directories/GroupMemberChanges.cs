namespace Wombat.Application.Directories;

/// <param name="Kept">Managers without a group, kept because a project needs a manager.</param>
internal sealed record GroupMemberChanges(int Added, int Changed, int Removed, int Kept);
