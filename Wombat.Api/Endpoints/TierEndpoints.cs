using MediatR;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
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
            .MapGet("/{name}", GetAsync)
            .WithName("GetTier")
            .WithSummary("Get a tier")
            .WithDescription("What one tier promises.")
            .Produces<TierDto>()
            .Fails(404);
        tiers
            .MapPut("/{name}", SaveAsync)
            .WithName("SaveTier")
            .WithSummary("Create or replace a tier")
            .WithDescription("Existing databases keep what they have until they are resized.")
            .Produces<TierDto>()
            .Fails(409, 412);
        tiers
            .MapGet(
                "/{name}/databases",
                (string name, IMediator mediator, [AsParameters] PageQuery page, CancellationToken cancel) =>
                    mediator.Send(new ListTierDatabases(name, page.ToRequest()), cancel)
            )
            .WithName("ListTierDatabases")
            .WithSummary("List outdated databases of a tier")
            .WithDescription("The databases that do not have the present version of the tier, with the differences, the newest first.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<TierDatabaseDto>>()
            .Fails(404);
        tiers
            .MapPost("/{name}/rollout", RollOutAsync)
            .WithName("RollOutTier")
            .WithSummary("Roll out a tier")
            .WithDescription(
                "A job resizes the databases that do not have the present version of the tier, a few at a time, and stops at the first "
                    + "failure. Its log names each database."
            )
            .Produces<AcceptedJob>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        tiers
            .MapDelete("/{name}", DeleteAsync)
            .WithName("DeleteTier")
            .WithSummary("Delete a tier")
            .WithDescription("Refused while databases of the tier exist.")
            .Produces(204)
            .Fails(404, 409);
    }

    private static async Task<IResult> GetAsync(string name, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetTier(name), cancel));

    private static async Task<IResult> SaveAsync(
        string name,
        SaveTierBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(body.ToRequest(name) with { IfMatch = ApiResults.IfMatch(http) }, cancel));

    private static async Task<IResult> RollOutAsync(string name, RollOutTierBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new RollOutTier(name, body.Parallel), cancel));

    private static async Task<IResult> DeleteAsync(string name, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new DeleteTier(name), cancel);
        return TypedResults.NoContent();
    }
}
