namespace Wombat.Domain.Common;

/// <summary>The object does not exist, or the caller may not know that it exists.</summary>
public sealed class NotFoundException(string noun, bool hidden = false, string? detail = null)
    : WombatException(ErrorCode.NotFoundOf(noun), detail ?? $"There is no such {noun.Replace('_', ' ')}.")
{
    /// <summary>Whether the object may exist but is hidden from the caller. Only for the audit log.</summary>
    public bool IsRefusal { get; } = hidden;
}
