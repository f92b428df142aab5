namespace Wombat.Application.Commands;

/// <summary>A field of a command that an import changes.</summary>
/// <param name="Path">The field, by its name in the document; one of a parameter by the name of that.</param>
/// <param name="From">What it is; null for its default.</param>
/// <param name="To">What it becomes; null for its default.</param>
public sealed record CommandFieldChangeDto(string Path, string? From, string? To);
