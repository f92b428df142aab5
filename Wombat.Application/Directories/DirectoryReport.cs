namespace Wombat.Application.Directories;

/// <summary>What a sync did, or would do.</summary>
/// <param name="Users">Entries read.</param>
/// <param name="Kept">Managers whom the groups no longer name, kept because a project needs one.</param>
/// <param name="Skipped">Entries that could not be taken over, or not wholly.</param>
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
