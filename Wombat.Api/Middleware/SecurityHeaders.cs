using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Primitives;
using Wombat.Api.Http;

namespace Wombat.Api.Middleware;

/// <summary>
/// Security headers of every response: no content of other origins, no type sniffing, no framing, no caching of API answers.
/// </summary>
internal static class SecurityHeaders
{
    private static readonly StringValues OfApi = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    // The API page of NSwag.AspNetCore has one inline script, known by its hash, and sets styles in attributes.
    private const string InlineScript = "'sha256-wfFY5liRU0OraxKhM19ijj0Ciy4Df0T1IMhE2urRqqE='";

    private static readonly StringValues OfPages =
        $"default-src 'none'; script-src 'self' {InlineScript}; "
        + "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    // Nothing inline: the web page sets its styles by scripts of its own.
    private static readonly StringValues OfWebPage =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues OneYear = "max-age=31536000";
    private static readonly StringValues NoStore = "no-store";

    private static readonly string[] Pages = ["/docs", "/openapi/"];

    public static void Apply(HttpContext http)
    {
        var headers = http.Response.Headers;
        var isWebPage = http.GetEndpoint()?.Metadata.GetMetadata<PageMetadata>() is not null;
        var isApi = !isWebPage && !IsPage(http);
        headers.ContentSecurityPolicy =
            isWebPage ? OfWebPage
            : isApi ? OfApi
            : OfPages;
        headers.XContentTypeOptions = NoSniff;
        headers["Referrer-Policy"] = NoReferrer;
        if (http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = OneYear;
        }

        if (isApi)
        {
            headers.CacheControl = NoStore;
        }
    }

    // Decided by the route, not by the path, which can be written in several ways. Unknown paths get the stricter policy.
    private static bool IsPage(HttpContext http) =>
        (http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint) is RouteEndpoint { RoutePattern.RawText: { } route }
        && Pages.Any(p => route.StartsWith(p, StringComparison.Ordinal));
}
