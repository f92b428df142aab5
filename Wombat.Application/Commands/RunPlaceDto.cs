namespace Wombat.Application.Commands;

/// <summary>Where a run would execute.</summary>
/// <param name="Host">The machine or the host of SSH; null for any machine of Wombat that has a worker.</param>
/// <param name="Account">The account that would run it, there or on the machine that answers.</param>
public sealed record RunPlaceDto(string? Host, string Account);
