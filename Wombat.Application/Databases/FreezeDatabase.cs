namespace Wombat.Application.Databases;

/// <summary>Makes a database read-only. The arguments of the operation.</summary>
public sealed record FreezeDatabase(string? Reason);
