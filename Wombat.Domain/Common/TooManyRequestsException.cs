namespace Wombat.Domain.Common;

/// <summary>The caller has to wait.</summary>
/// <param name="retryAfter">How long.</param>
public sealed class TooManyRequestsException(ErrorCode code, string message, TimeSpan retryAfter) : WombatException(code, message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
