using Microsoft.AspNetCore.Mvc;

namespace Wombat.Api.Endpoints;

internal static class EndpointConventions
{
    /// <summary>Declares the failures that are the endpoint's own; those that every endpoint has are added for all.</summary>
    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<ProblemDetails>(status, "application/problem+json");
        }

        return endpoint;
    }
}
