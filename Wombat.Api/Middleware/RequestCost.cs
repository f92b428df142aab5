using System.Collections.Frozen;

namespace Wombat.Api.Middleware;

/// <summary>Classifies expensive requests, of which a caller may have only a few at a time.</summary>
internal static class RequestCost
{
    private static readonly FrozenSet<string> Always = FrozenSet.ToFrozenSet(
        ["GetJobLog", "ListEvents", "VerifyAudit", "PlanContainer"],
        StringComparer.Ordinal
    );

    // The newest page of a list is cheap; filters, other sort orders and totals may read the whole table.
    private static readonly FrozenSet<string> WhenFiltered = FrozenSet.ToFrozenSet(
        ["ListProjects", "ListContainers", "ListProjectContainers", "ListJobs", "ListUsers", "ListMembers"],
        StringComparer.Ordinal
    );

    private static readonly string[] CheapPageParameters = ["limit", "cursor"];

    public static bool IsExpensive(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is { } name
        && (
            Always.Contains(name)
            || WhenFiltered.Contains(name)
                && http.Request.QueryString.HasValue
                && http.Request.Query.Keys.Any(k => !CheapPageParameters.Contains(k, StringComparer.Ordinal))
        );
}
