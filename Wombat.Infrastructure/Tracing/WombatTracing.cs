using System.Diagnostics;

namespace Wombat.Infrastructure.Tracing;

/// <summary>The spans of jobs and plugin calls. A request, its job, the plugin call and forge are one trace.</summary>
public static class WombatTracing
{
    public const string SourceName = "Wombat";

    /// <summary>The property of a job with the span that created it.</summary>
    public const string JobProperty = "TraceParent";

    internal static readonly ActivitySource Source = new(SourceName);

    /// <summary>The current span in W3C Trace Context format; null if none is recorded.</summary>
    internal static string? CurrentParent => Activity.Current is { Recorded: true } span ? span.Id : null;

    /// <summary>Marks the current span as failed.</summary>
    /// <param name="code">The error code, as in the API.</param>
    /// <param name="message">Without secrets.</param>
    internal static void SetError(string code, string message) =>
        Activity.Current?.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error, message);
}
