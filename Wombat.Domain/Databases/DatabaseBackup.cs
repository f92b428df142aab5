namespace Wombat.Domain.Databases;

/// <summary>A complete backup that the provider holds.</summary>
/// <param name="Id">The provider's id of it, unique in the database.</param>
/// <param name="EndedAt">The earliest time that can be restored with it.</param>
/// <param name="Bytes">Its size; null when unknown.</param>
public sealed record DatabaseBackup(string Id, DateTimeOffset StartedAt, DateTimeOffset EndedAt, long? Bytes);
