using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

/// <summary>
/// A resource with its ETag, or 304 for a GET whose If-None-Match names the ETag. The tag consists of the version, which If-Match compares,
/// and a hash of the body, because the caller's actions and the time of the last observation change without a new version.
/// </summary>
internal sealed class VersionedResult<T>(T value, int status = StatusCodes.Status200OK, string? location = null) : IResult
    where T : IVersioned
{
    private const int HashBytes = 6;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, WombatJson.Options);
        var hash = Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, HashBytes));
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{value.Version}.{hash}\"");
        var response = httpContext.Response;
        response.Headers.ETag = tag;
        if (status == StatusCodes.Status200OK && IsKnown(httpContext.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.StatusCode = status;
        if (location is not null)
        {
            response.Headers.Location = location;
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.Length;
        return response.Body.WriteAsync(json, httpContext.RequestAborted).AsTask();
    }

    private static bool IsKnown(HttpRequest request, string tag) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.Headers.IfNoneMatch is { Count: > 0 } known
        && EntityTagHeaderValue.TryParseList(known, out var tags)
        && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Tag.Equals(tag, StringComparison.Ordinal));
}
