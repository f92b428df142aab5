namespace Wombat.Application.Commands;

/// <summary>The hosts on which a command may run.</summary>
/// <param name="Items">Those that it names, then those with its labels by name.</param>
public sealed record CommandHostsDto(IReadOnlyList<HostDto> Items);
