using Wombat.Api.Http;

namespace Wombat.Api.Middleware;

/// <summary>Classifies expensive requests, of which a caller may have only a few at a time.</summary>
internal static class RequestCost
{
    private static readonly string[] CheapPageParameters = ["limit", "cursor"];

    public static bool IsExpensive(HttpContext http) =>
        http.GetEndpoint()?.Metadata is { } metadata
        && (
            metadata.GetMetadata<ExpensiveMetadata>() is not null
            // The newest page of a list is cheap; filters, other sort orders and totals may read the whole table.
            || metadata.GetMetadata<SortsMetadata>() is not null
                && http.Request.QueryString.HasValue
                && http.Request.Query.Keys.Any(k => !CheapPageParameters.Contains(k, StringComparer.Ordinal))
        );
}
