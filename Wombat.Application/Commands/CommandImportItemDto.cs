namespace Wombat.Application.Commands;

/// <summary>What an import does with one command.</summary>
/// <param name="CommandId">Null for one that is yet to be created.</param>
/// <param name="Changes">The fields that change; empty for a command that stays or is deleted.</param>
public sealed record CommandImportItemDto(
    string Name,
    CommandImportAction Action,
    Guid? CommandId,
    IReadOnlyList<CommandFieldChangeDto> Changes
);
