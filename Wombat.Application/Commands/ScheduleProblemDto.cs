namespace Wombat.Application.Commands;

/// <summary>Why the last fire of a schedule requested no run.</summary>
/// <param name="Code">As in an answer to the request for the run.</param>
public sealed record ScheduleProblemDto(string Code, string Message);
