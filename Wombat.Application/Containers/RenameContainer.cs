namespace Wombat.Application.Containers;

/// <summary>Gives a container another name. The arguments of the operation.</summary>
/// <param name="Previous">Set when the request is accepted: the name that it gets back if the job fails.</param>
public sealed record RenameContainer(string? Name, string? Previous = null);
