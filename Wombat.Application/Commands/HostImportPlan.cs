namespace Wombat.Application.Commands;

/// <summary>What an import of hosts is to do.</summary>
/// <param name="Ignored">The parts of the document that are for no certain host.</param>
internal sealed record HostImportPlan(IReadOnlyList<HostImportEntry> Entries, IReadOnlyList<SshConfigOption> Ignored)
{
    /// <param name="created">The hosts that were registered, by name.</param>
    public HostImportDto ToDto(IReadOnlyDictionary<string, Guid> created) =>
        new(
            [.. Entries.Select(e => e.ToDto(created.TryGetValue(e.Name, out var id) ? id : null))],
            [.. Ignored.Select(HostImports.Describe)]
        );
}
