namespace Wombat.Application.Databases;

/// <summary>Removes a user of a database; its sessions are ended. The arguments of the operation.</summary>
public sealed record DropDatabaseUser(string Name);
