namespace Wombat.Application.Commands;

/// <summary>A target of a Makefile.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Help">The text after <c>##</c> on its line; null without one.</param>
/// <param name="File">The file of its recipe; null if it has none.</param>
/// <param name="Line">The line of its recipe; null if it has none.</param>
public sealed record TargetDto(string Name, string? Help, string? File, int? Line);
