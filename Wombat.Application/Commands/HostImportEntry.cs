using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A host of an imported document beside the registered host of its name.</summary>
/// <param name="Name">In the normalization form of the database.</param>
/// <param name="Existing">The registered host of this name; null for none.</param>
/// <param name="JumpName">The name of its jump host; null for a direct connection.</param>
/// <param name="Jump">Its jump host, if that is registered.</param>
internal sealed record HostImportEntry(HostDraft Draft, string Name, SshHost? Existing, string? JumpName, SshHost? Jump)
{
    public HostImportAction Action =>
        Existing is null ? HostImportAction.Create
        : Differences.Length == 0 ? HostImportAction.Unchanged
        : HostImportAction.Skip;

    private string[] Differences =>
        Existing is null
            ? []
            :
            [
                .. new[]
                {
                    ("address", Existing.Address != Draft.Fields.Address),
                    ("port", Existing.Port != Draft.Fields.Port),
                    ("user_name", Existing.UserName != Draft.Fields.UserName),
                    ("jump_host_id", Existing.JumpHostId != Jump?.Id || JumpName is not null && Jump is null),
                }
                    .Where(d => d.Item2)
                    .Select(d => d.Item1),
            ];

    /// <param name="id">The registered host; null if there is none yet.</param>
    public HostImportItemDto ToDto(Guid? id) =>
        new(
            Draft.Source.Line,
            Action,
            Name,
            Draft.Fields.Address,
            Draft.Fields.Port!.Value,
            Draft.Fields.UserName,
            JumpName,
            Existing?.Id ?? id,
            Differences,
            [.. Draft.Ignored.Select(HostImports.Describe)]
        );
}
