namespace Wombat.Domain.Common;

/// <summary>The thing does not exist, or the caller may not know that it does.</summary>
public sealed class NotFoundException(string noun, bool hidden = false, string? detail = null)
    : WombatException(ErrorCode.NotFoundOf(noun), detail ?? $"There is no such {noun.Replace('_', ' ')}.")
{
    /// <summary>It may well exist; the caller may not know. Told to the audit alone.</summary>
    public bool IsRefusal { get; } = hidden;
}
