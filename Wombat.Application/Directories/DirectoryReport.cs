namespace Wombat.Application.Directories;

/// <summary>The result of a synchronization or its dry run.</summary>
/// <param name="Users">Number of entries read.</param>
/// <param name="Kept">Managers without a group, kept because a project needs a manager.</param>
/// <param name="Skipped">Entries that could not be used, or not completely.</param>
public sealed record DirectoryReport(
    int Users,
    int Groups,
    int Created,
    int Changed,
    int Deactivated,
    int MembersAdded,
    int MembersChanged,
    int MembersRemoved,
    int Kept,
    int Skipped
)
{
    public bool IsEmpty => Created + Changed + Deactivated + MembersAdded + MembersChanged + MembersRemoved == 0;

    public override string ToString() =>
        $"read {Users} users and {Groups} groups: {Created} created, {Changed} changed, {Deactivated} deactivated; roles: {MembersAdded} added, {MembersChanged} changed, {MembersRemoved} removed, {Kept} kept (no other manager); {Skipped} skipped";
}
