using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>A failure of an outside system, typed so that the job knows whether to retry.</summary>
public sealed class PluginException(PluginFailure failure, string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(OutsideText.Clean(message), inner)
{
    public PluginFailure Failure { get; } = failure;

    /// <summary>How long to wait at least, where the system said.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    public bool Retryable => Failure == PluginFailure.Unavailable;

    /// <summary>The failure's word in the API, such as <c>invalid_request</c>.</summary>
    public string Code => Failure switch
    {
        PluginFailure.InvalidRequest => "invalid_request",
        PluginFailure.Conflict => "conflict",
        PluginFailure.NotFound => "not_found",
        PluginFailure.Capacity => "capacity",
        PluginFailure.Unauthenticated => "plugin_unauthenticated",
        PluginFailure.Unavailable => "unavailable",
        _ => "unknown",
    };
}

/// <summary>A plugin's configuration is wrong. The message names the setting.</summary>
public sealed class PluginConfigurationException(string message) : Exception(message);
