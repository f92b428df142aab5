namespace Wombat.Application.Databases;

/// <summary>Gives a database what a tier promises now. The arguments of the operation.</summary>
public sealed record ResizeDatabase(string? Tier);
