namespace Wombat.Application.Commands;

/// <summary>The hosts of a run.</summary>
/// <param name="Items">In the order in which the run was requested for them; empty for a run on one machine.</param>
public sealed record RunHostsDto(IReadOnlyList<RunHostDto> Items);
