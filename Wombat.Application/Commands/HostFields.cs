namespace Wombat.Application.Commands;

/// <summary>What people say about a host.</summary>
/// <param name="Address">A DNS name or an IP address.</param>
public sealed record HostFields(string Name, string Address, int Port, string UserName);
