using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;

namespace Wombat.Api.Endpoints;

internal static class EndpointConventions
{
    /// <summary>Declares the failures of this endpoint; the common ones are added to all endpoints.</summary>
    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<ProblemDetails>(status, "application/problem+json");
        }

        return endpoint;
    }

    /// <summary>Declares that the endpoint can also stream these media types.</summary>
    public static RouteHandlerBuilder Streams(this RouteHandlerBuilder endpoint, params string[] types) =>
        endpoint.WithMetadata(new StreamsMetadata(types));

    /// <summary>Declares that the endpoint also accepts WebSockets.</summary>
    public static RouteHandlerBuilder Upgrades(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces(StatusCodes.Status101SwitchingProtocols);

    /// <summary>Declares the sort keys of a list; sorted, filtered and counted requests of it are expensive.</summary>
    public static RouteHandlerBuilder Sorts(this RouteHandlerBuilder endpoint, string[] keys) =>
        endpoint.WithMetadata(new SortsMetadata(keys));

    /// <summary>Declares that each request is expensive: a caller may have only a few of them at a time.</summary>
    public static RouteHandlerBuilder IsExpensive(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new ExpensiveMetadata());

    /// <summary>Declares that the endpoint accepts an Idempotency-Key; its message implements IIdempotentCommand.</summary>
    public static RouteHandlerBuilder AcceptsIdempotencyKey(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new AcceptsIdempotencyKeyAttribute()).Fails(StatusCodes.Status422UnprocessableEntity);
}
