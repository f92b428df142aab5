namespace Wombat.Application.Commands;

/// <summary>What people say about a host.</summary>
/// <param name="Address">A DNS name or an IP address.</param>
/// <param name="Labels">By which commands choose it.</param>
/// <param name="JumpHostId">The host through which Wombat connects to it; null for a direct connection.</param>
public sealed record HostFields(string Name, string Address, int Port, string UserName, IReadOnlyList<string> Labels, Guid? JumpHostId);
