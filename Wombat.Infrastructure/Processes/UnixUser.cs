namespace Wombat.Infrastructure.Processes;

/// <summary>An account of this machine, by number.</summary>
public sealed record UnixUser(uint Uid, uint Gid);
