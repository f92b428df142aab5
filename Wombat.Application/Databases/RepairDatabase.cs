namespace Wombat.Application.Databases;

/// <summary>Makes a database as its spec says again. The arguments of the operation.</summary>
public sealed record RepairDatabase();
