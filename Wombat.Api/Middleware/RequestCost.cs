using System.Collections.Frozen;

namespace Wombat.Api.Middleware;

/// <summary>Which requests cost so much that a caller may have only a few of them at once.</summary>
internal static class RequestCost
{
    private static readonly FrozenSet<string> Always = FrozenSet.ToFrozenSet(
        ["GetJobLog", "ListEvents", "VerifyAudit", "PlanContainer"],
        StringComparer.Ordinal
    );

    // The newest page is cheap in every list; filters, other orders and totals may read the whole table.
    private static readonly FrozenSet<string> WhenFiltered = FrozenSet.ToFrozenSet(
        ["ListProjects", "ListContainers", "ListProjectContainers", "ListJobs", "ListUsers", "ListMembers"],
        StringComparer.Ordinal
    );

    private static readonly string[] OfCheapPages = ["limit", "cursor"];

    public static bool IsExpensive(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is { } name
        && (
            Always.Contains(name)
            || WhenFiltered.Contains(name)
                && http.Request.QueryString.HasValue
                && http.Request.Query.Keys.Any(k => !OfCheapPages.Contains(k, StringComparer.Ordinal))
        );
}
