namespace Wombat.Domain.Common;

/// <summary>A failure that the caller caused or must know of. <see cref="Code"/> is stable and part of the API.</summary>
public abstract class WombatException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A stable snake_case word such as <c>project_exists</c>.</summary>
    public string Code { get; } = code;
}
