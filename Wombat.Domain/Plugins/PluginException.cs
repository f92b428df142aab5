using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>A failure of an outside system, typed so that the job knows whether to retry.</summary>
public sealed class PluginException(PluginFailure failure, string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(ExternalText.Clean(message), inner)
{
    private const string InvalidRequest = "invalid_request";
    private const string Conflict = "conflict";
    private const string NotFound = "not_found";
    private const string Capacity = "capacity";
    private const string Unauthenticated = "plugin_unauthenticated";

    public PluginFailure Failure { get; } = failure;

    /// <summary>How long to wait at least, where the system said.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    public bool Retryable => Failure == PluginFailure.Unavailable;

    /// <summary>Whether a failure's word says that the outside system refused, and so made nothing.</summary>
    public static bool IsRefusal(string code) => code is InvalidRequest or Conflict or NotFound or Capacity or Unauthenticated;

    /// <summary>The failure's word in the API, such as <c>invalid_request</c>.</summary>
    public string Code =>
        Failure switch
        {
            PluginFailure.InvalidRequest => InvalidRequest,
            PluginFailure.Conflict => Conflict,
            PluginFailure.NotFound => NotFound,
            PluginFailure.Capacity => Capacity,
            PluginFailure.Unauthenticated => Unauthenticated,
            PluginFailure.Unavailable => "unavailable",
            _ => "unknown",
        };
}
