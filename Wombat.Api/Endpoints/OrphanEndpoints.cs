using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Orphans;

namespace Wombat.Api.Endpoints;

internal static class OrphanEndpoints
{
    public static void MapOrphans(this IEndpointRouteBuilder api)
    {
        var orphans = api.MapGroup("/orphans").WithTags("Orphans");
        orphans
            .MapGet("/", ListAsync)
            .WithName("ListOrphans")
            .WithSummary("List orphans")
            .WithDescription(
                "The containers that plugins have with Wombat's mark and that no entry manages, for instance after an older backup of the "
                    + "database was restored. The newest first; each was in at least two listings of its plugin. For admins."
            )
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<OrphanDto>>();
        orphans
            .MapPost("/{id}/adopt", AdoptAsync)
            .WithName("AdoptOrphan")
            .WithSummary("Adopt an orphan")
            .WithDescription(
                "Manages it again as a container of the project, with the size that the plugin tells, which counts in the budget. Nothing "
                    + "changes outside Wombat. For admins."
            )
            .Produces<ContainerDto>()
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        orphans
            .MapPost("/{id}/remove", RemoveAsync)
            .WithName("RemoveOrphan")
            .WithSummary("Remove an orphan")
            .WithDescription("A job deletes it with its data, unless it has another mark by then. For admins.")
            .Produces<AcceptedJob>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
    }

    private static Task<Page<OrphanDto>> ListAsync(
        [AsParameters] PageQuery page,
        [FromQuery(Name = "plugin")] string? plugin,
        IMediator mediator,
        CancellationToken cancel
    ) => mediator.Send(new ListOrphans(page.ToRequest(), plugin), cancel);

    private static async Task<IResult> AdoptAsync(Guid id, AdoptOrphanBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(body.ToRequest(id), cancel));

    private static async Task<IResult> RemoveAsync(Guid id, RemoveOrphanBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new RemoveOrphan(id, body.Name), cancel));
}
