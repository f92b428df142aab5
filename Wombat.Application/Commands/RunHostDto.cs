namespace Wombat.Application.Commands;

/// <summary>One of the hosts of a run on several.</summary>
/// <param name="HostId">The host of SSH.</param>
/// <param name="Name">Its name when the run was requested.</param>
/// <param name="Run">The run on this host, which has a log of its own; null before it starts.</param>
public sealed record RunHostDto(Guid HostId, string Name, RunDto? Run);
