namespace Wombat.Application.Commands;

/// <summary>What an import would do, or has done.</summary>
/// <param name="PlanId">Identifies what is done and the versions of the commands that it was compared with.</param>
/// <param name="Items">The commands in the order of the document, then those that are deleted.</param>
public sealed record CommandImportDto(string PlanId, IReadOnlyList<CommandImportItemDto> Items);
