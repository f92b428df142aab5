namespace Wombat.Application.Commands;

/// <summary>A host of an imported document.</summary>
/// <param name="Line">Where the document names it first.</param>
/// <param name="JumpHost">The name of its jump host; null for a direct connection.</param>
/// <param name="HostId">The registered host; null if the import is to register it.</param>
/// <param name="Differences">The fields in which the registered host differs from the document.</param>
/// <param name="Ignored">The options of the document that are not taken over, with their lines.</param>
public sealed record HostImportItemDto(
    int Line,
    HostImportAction Action,
    string Name,
    string Address,
    int Port,
    string UserName,
    string? JumpHost,
    Guid? HostId,
    IReadOnlyList<string> Differences,
    IReadOnlyList<string> Ignored
);
