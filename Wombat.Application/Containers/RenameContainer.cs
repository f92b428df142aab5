namespace Wombat.Application.Containers;

/// <summary>Gives a container another name. The arguments of the operation.</summary>
public sealed record RenameContainer(string? Name);
