using Microsoft.AspNetCore.Http.Features;

namespace Wombat.Api.Middleware;

/// <summary>
/// Refuses large bodies. The server's own limit would cut the connection while the client still sends, and the client
/// would see that and not the answer; up to <see cref="Drained"/> the rest is read and thrown away instead.
/// </summary>
internal sealed class BodySize(RequestDelegate next)
{
    public const long Drained = 64 * 1024 * 1024;
    private const long Max = 1024 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Max)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        // A body of unannounced length is counted while it is read.
        if (context.Request.ContentLength is null && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = Max;
        }

        return next(context);
    }
}
