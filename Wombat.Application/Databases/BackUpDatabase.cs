namespace Wombat.Application.Databases;

/// <summary>Makes a backup of a database now. The arguments of the operation.</summary>
public sealed record BackUpDatabase();
