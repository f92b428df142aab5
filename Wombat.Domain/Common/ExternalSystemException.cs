namespace Wombat.Domain.Common;

/// <summary>
/// An outside system (plugin, directory, identity provider, program, database) refused, failed or does not answer. Jobs and the API
/// each read the kind in one place: <see cref="ExternalFailure.Unavailable"/> is retried by jobs and answered with 503.
/// </summary>
/// <param name="message">The message, possibly the outside system's own text; control characters are removed.</param>
/// <param name="retryAfter">The minimum time to wait, if the system stated one.</param>
/// <param name="code">A more exact code than the kind's own, such as <see cref="ErrorCode.DirectoryUnavailable"/>.</param>
public sealed class ExternalSystemException(
    ExternalFailure kind,
    string message,
    TimeSpan? retryAfter = null,
    Exception? inner = null,
    ErrorCode? code = null
) : WombatException(code ?? CodeOf(kind), ExternalText.Clean(message), inner)
{
    private static readonly ExternalFailure[] Refusals =
    [
        ExternalFailure.Invalid,
        ExternalFailure.Conflict,
        ExternalFailure.NotFound,
        ExternalFailure.Capacity,
        ExternalFailure.Unauthorized,
    ];

    public ExternalFailure Kind { get; } = kind;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsRetryable => Kind == ExternalFailure.Unavailable;

    public static ExternalSystemException Unavailable(ErrorCode code, string message, Exception? inner = null) =>
        new(ExternalFailure.Unavailable, message, inner: inner, code: code);

    /// <summary>Whether a code says that the outside system refused the request, and so created nothing.</summary>
    public static bool IsRefusal(string code) => Refusals.Any(r => CodeOf(r).Name == code);

    private static ErrorCode CodeOf(ExternalFailure kind) =>
        kind switch
        {
            ExternalFailure.Invalid => ErrorCode.InvalidRequest,
            ExternalFailure.Conflict => ErrorCode.Conflict,
            ExternalFailure.NotFound => ErrorCode.NotFound,
            ExternalFailure.Capacity => ErrorCode.Capacity,
            ExternalFailure.Unauthorized => ErrorCode.PluginUnauthenticated,
            ExternalFailure.Unavailable => ErrorCode.Unavailable,
            _ => ErrorCode.Unknown,
        };
}
