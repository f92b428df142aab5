namespace Wombat.Domain.Common;

/// <summary>The caller must wait before the next request.</summary>
/// <param name="retryAfter">How long to wait.</param>
public sealed class TooManyRequestsException(ErrorCode code, string message, TimeSpan retryAfter) : WombatException(code, message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
