using MediatR;
using Wombat.Application.Common;
using Wombat.Application.Tiers;

namespace Wombat.Api.Endpoints;

internal static class TierEndpoints
{
    public static void MapTiers(this IEndpointRouteBuilder api)
    {
        var tiers = api.MapGroup("/tiers").WithTags("Tiers");
        tiers
            .MapGet("/", (IMediator mediator, CancellationToken cancel) => mediator.Send(new ListTiers(), cancel))
            .WithName("ListTiers")
            .WithSummary("List tiers")
            .WithDescription("What the platform team promises for databases, by name.")
            .Produces<Page<TierDto>>();
        tiers
            .MapGet("/{name}", (string name, IMediator mediator, CancellationToken cancel) => mediator.Send(new GetTier(name), cancel))
            .WithName("GetTier")
            .WithSummary("Get a tier")
            .WithDescription("What one tier promises.")
            .Produces<TierDto>()
            .Fails(404);
        tiers
            .MapPut(
                "/{name}",
                (string name, SaveTierBody body, IMediator mediator, CancellationToken cancel) =>
                    mediator.Send(body.ToRequest(name), cancel)
            )
            .WithName("SaveTier")
            .WithSummary("Create or replace a tier")
            .WithDescription("Existing databases keep what they have until they are resized.")
            .Produces<TierDto>()
            .Fails(409);
        tiers
            .MapDelete("/{name}", DeleteAsync)
            .WithName("DeleteTier")
            .WithSummary("Delete a tier")
            .WithDescription("Refused while databases of the tier exist.")
            .Produces(204)
            .Fails(404, 409);
    }

    private static async Task<IResult> DeleteAsync(string name, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new DeleteTier(name), cancel);
        return TypedResults.NoContent();
    }
}
