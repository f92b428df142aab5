namespace Wombat.Application.Commands;

/// <summary>What people say about a host.</summary>
/// <param name="Address">A DNS name or an IP address.</param>
/// <param name="Labels">By which commands choose it.</param>
public sealed record HostFields(string Name, string Address, int Port, string UserName, IReadOnlyList<string> Labels);
