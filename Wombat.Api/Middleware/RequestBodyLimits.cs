using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Wombat.Api.Middleware;

/// <summary>
/// Rejects large bodies, and bodies that are compressed or not in UTF-8. The server's own limit would close the connection while the
/// client is still sending, so that the client would not see the response; up to <see cref="MaxDrainedBytes"/> the rest is read and
/// discarded instead.
/// </summary>
internal sealed class RequestBodyLimits(RequestDelegate next)
{
    public const long MaxDrainedBytes = 64 * 1024 * 1024;
    private const long Max = 1024 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Max)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        if (context.Request.Headers.ContentEncoding.Any(e => e is not "identity") || !IsUtf8(context.Request))
        {
            throw new BadHttpRequestException("The body is compressed or not in UTF-8.", StatusCodes.Status415UnsupportedMediaType);
        }

        // A body without Content-Length is counted while it is read.
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

        // ASP.NET Core does not handle a quoted charset; without a charset it uses UTF-8.
        type.Charset = default;
        request.ContentType = type.ToString();
        return true;
    }
}
