using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>What an import does with one command.</summary>
/// <param name="Existing">Null for a new command.</param>
/// <param name="Spec">What it becomes; null for one that is deleted.</param>
internal sealed record CommandImportStep(
    CommandImportAction Action,
    string Name,
    Command? Existing,
    CommandSpec? Spec,
    IReadOnlyList<CommandFieldChangeDto> Changes
)
{
    public CommandImportItemDto ToDto() => new(Name, Action, Existing?.Id, Changes);
}
