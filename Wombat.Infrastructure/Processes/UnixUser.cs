namespace Wombat.Infrastructure.Processes;

/// <summary>An account of this machine, by its numeric ids.</summary>
public sealed record UnixUser(uint Uid, uint Gid);
