namespace Wombat.Application.Commands;

/// <summary>What an import of hosts does or has done.</summary>
/// <param name="Items">The hosts in the order of the document.</param>
/// <param name="Ignored">The parts of the document that are for no certain host and are not read, with their lines.</param>
public sealed record HostImportDto(IReadOnlyList<HostImportItemDto> Items, IReadOnlyList<string> Ignored);
