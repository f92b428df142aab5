namespace Wombat.Domain.Common;

/// <summary>An error that is reported to the caller. <see cref="Code"/> is stable and part of the API.</summary>
public abstract class WombatException(ErrorCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public ErrorCode ErrorCode { get; } = code;

    /// <summary>A stable word in snake_case, such as <c>project_exists</c>.</summary>
    public string Code => ErrorCode.Name;
}
