using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Wombat.Api.Page;

/// <summary>A file of the web page, with its compressed forms.</summary>
/// <param name="IsImmutable">Whether its name contains a hash of its content.</param>
/// <param name="Brotli">Null if it does not exist.</param>
/// <param name="Gzip">Null if it does not exist.</param>
internal sealed record PageFile(string ContentType, bool IsImmutable, byte[] Content, byte[]? Brotli, byte[]? Gzip)
{
    private const string Immutable = "public, max-age=31536000, immutable";
    private const string Revalidated = "no-cache";
    private const int HashBytes = 8;

    private readonly string hash = Convert.ToHexStringLower(SHA256.HashData(Content).AsSpan(0, HashBytes));

    public Task SendAsync(HttpContext http)
    {
        var (encoding, body) = Choose(http.Request);
        var response = http.Response;

        // Each form has a tag of its own, because strong tags are equal only for equal bytes.
        var tag = encoding is null ? $"\"{hash}\"" : $"\"{hash}-{encoding}\"";
        response.Headers.ETag = tag;
        response.Headers.CacheControl = IsImmutable ? Immutable : Revalidated;
        if (Brotli is not null || Gzip is not null)
        {
            response.Headers.Vary = HeaderNames.AcceptEncoding;
        }

        if (IsKnown(http.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = ContentType;
        response.ContentLength = body.Length;
        if (encoding is not null)
        {
            response.Headers.ContentEncoding = encoding;
        }

        return response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private (string? Encoding, byte[] Body) Choose(HttpRequest request) =>
        Brotli is not null && Accepts(request, "br") ? ("br", Brotli)
        : Gzip is not null && Accepts(request, "gzip") ? ("gzip", Gzip)
        : (null, Content);

    private static bool Accepts(HttpRequest request, string encoding)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted))
        {
            return false;
        }

        var named =
            accepted.FirstOrDefault(a => a.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(a => a.Value == "*");
        return named is not null && named.Quality is not 0;
    }

    private static bool IsKnown(HttpRequest request, string tag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Tag.Equals(tag, StringComparison.Ordinal));
}
