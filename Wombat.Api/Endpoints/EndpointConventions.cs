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

    /// <summary>Declares that its message is one that creates (ICreates): it takes an Idempotency-Key.</summary>
    public static RouteHandlerBuilder Repeatable(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new RepeatableAttribute()).Fails(StatusCodes.Status422UnprocessableEntity);
}

/// <summary>Sent again with the same Idempotency-Key it answers as the first time.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RepeatableAttribute : Attribute;
