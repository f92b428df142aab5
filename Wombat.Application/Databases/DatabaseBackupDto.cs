namespace Wombat.Application.Databases;

/// <summary>A complete backup.</summary>
/// <param name="EndedAt">The earliest time that can be restored with it.</param>
/// <param name="Bytes">Its size; null when unknown.</param>
public sealed record DatabaseBackupDto(string Id, DateTimeOffset StartedAt, DateTimeOffset EndedAt, long? Bytes);
