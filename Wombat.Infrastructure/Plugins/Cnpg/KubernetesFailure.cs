using System.Globalization;
using System.Net;
using System.Text.Json;
using k8s.Autorest;
using k8s.Exceptions;
using Polly.Timeout;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>A failed call of the API by status code and the Status object that the server sent.</summary>
/// <param name="Code">The HTTP status; null when there was no answer.</param>
/// <param name="Reason">The reason of the Status object, such as <c>AlreadyExists</c>; empty when there was none.</param>
/// <param name="Message">The message of the Status object, or of the exception.</param>
/// <param name="Causes">The reasons of the causes in the Status object.</param>
internal sealed record KubernetesFailure(
    HttpStatusCode? Code,
    string Reason,
    string Message,
    IReadOnlyList<string> Causes,
    TimeSpan? RetryAfter
)
{
    /// <summary>Whether the same call may succeed after a short while.</summary>
    public bool IsTransient =>
        Code is null or HttpStatusCode.Gone or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= (HttpStatusCode)500
        || Code == HttpStatusCode.Conflict && Reason == "Conflict";

    /// <summary>Whether the server knows the kind and has no such object.</summary>
    public bool IsAbsent => Code == HttpStatusCode.NotFound && Reason == "NotFound";

    public static KubernetesFailure? Of(Exception exception) =>
        exception switch
        {
            HttpOperationException http => OfAnswer(http),
            HttpRequestException or IOException or TimeoutRejectedException or KubeConfigException => new(
                null,
                "",
                Describe(exception),
                [],
                null
            ),
            _ => null,
        };

    public ExternalSystemException ToException(Exception inner) =>
        new(Kind, Code == HttpStatusCode.NotFound && !IsAbsent ? NotInstalled : Message, RetryAfter, inner);

    private const string NotInstalled = "The Kubernetes API does not know this kind of object. Is CloudNativePG installed in the cluster?";

    private ExternalFailure Kind =>
        Code switch
        {
            null => ExternalFailure.Unavailable,
            HttpStatusCode.Unauthorized => ExternalFailure.Unauthorized,
            HttpStatusCode.Forbidden => KindOfForbidden,
            HttpStatusCode.NotFound => IsAbsent ? ExternalFailure.NotFound : ExternalFailure.Unavailable,
            HttpStatusCode.Conflict => ExternalFailure.Conflict,
            _ when IsTransient => ExternalFailure.Unavailable,
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => ExternalFailure.Invalid,
            _ => ExternalFailure.Unknown,
        };

    // Quotas and namespaces that are being deleted are reported as forbidden too.
    private ExternalFailure KindOfForbidden =>
        Causes.Contains("NamespaceTerminating", StringComparer.Ordinal) ? ExternalFailure.Conflict
        : Message.Contains("exceeded quota", StringComparison.Ordinal) ? ExternalFailure.Capacity
        : ExternalFailure.Unauthorized;

    private static KubernetesFailure OfAnswer(HttpOperationException exception)
    {
        var code = exception.Response?.StatusCode;
        var header = exception.Response?.Headers?.TryGetValue("Retry-After", out var values) == true ? values.FirstOrDefault() : null;
        var retryAfter = Seconds(header);
        try
        {
            var status = JsonElement.Parse(exception.Response?.Content ?? "");
            var details = status.TryGetProperty("details", out var d) ? d : default;
            return new KubernetesFailure(
                code,
                Text(status, "reason"),
                Text(status, "message") is { Length: > 0 } message ? message : exception.Message,
                [.. List(details, "causes").Select(c => Text(c, "reason"))],
                details.ValueKind == JsonValueKind.Object && details.TryGetProperty("retryAfterSeconds", out var s)
                    ? TimeSpan.FromSeconds(s.GetInt32())
                    : retryAfter
            );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An answer of something in between, such as a proxy.
            return new KubernetesFailure(code, "", $"The Kubernetes API answered {(int?)code}.", [], retryAfter);
        }
    }

    private static TimeSpan? Seconds(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static IEnumerable<JsonElement> List(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];

    private static string Describe(Exception exception) =>
        exception is TimeoutRejectedException ? "The Kubernetes API does not answer in time."
        : exception is KubeConfigException ? $"There is no valid token for the Kubernetes API: {exception.Message}"
        : $"The Kubernetes API cannot be reached: {exception.GetBaseException().Message}";
}
