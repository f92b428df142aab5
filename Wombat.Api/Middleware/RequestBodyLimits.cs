using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Wombat.Api.Middleware;

/// <summary>
/// Refuses large bodies, and those that are compressed or not in UTF-8. The server's own limit would cut the connection while the client still sends, and the client
/// would see that and not the answer; up to <see cref="Drained"/> the rest is read and thrown away instead.
/// </summary>
internal sealed class RequestBodyLimits(RequestDelegate next)
{
    public const long Drained = 64 * 1024 * 1024;
    private const long Max = 1024 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Max)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        if (context.Request.Headers.ContentEncoding.Any(e => e is not "identity") || !IsUtf8(context.Request))
        {
            throw new BadHttpRequestException("The body is encoded.", StatusCodes.Status415UnsupportedMediaType);
        }

        // A body of unannounced length is counted while it is read.
        if (context.Request.ContentLength is null && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = Max;
        }

        return next(context);
    }

    private static bool IsUtf8(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue)
        {
            return true;
        }

        if (!HeaderUtilities.UnescapeAsQuotedString(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // ASP.NET Core looks the charset up with its quotes and fails; UTF-8 is what it takes without one.
        type.Charset = default;
        request.ContentType = type.ToString();
        return true;
    }
}
