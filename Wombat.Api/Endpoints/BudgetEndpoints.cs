using MediatR;
using Wombat.Application.Projects;
using Wombat.Application.Quotas;

namespace Wombat.Api.Endpoints;

internal static class BudgetEndpoints
{
    public static void MapBudgets(this IEndpointRouteBuilder api)
    {
        var budget = api.MapGroup("/projects/{id}/budget").WithTags("Projects");
        budget
            .MapGet("/", (Guid id, IMediator mediator, CancellationToken cancel) => mediator.Send(new GetBudget(id), cancel))
            .WithName("GetBudget")
            .WithSummary("Get the budget of a project")
            .WithDescription("The limits over everything that the project owns, what is used and what is left.")
            .Produces<BudgetDto>()
            .Fails(404);
        budget
            .MapPut(
                "/",
                (Guid id, SetBudgetBody body, IMediator mediator, CancellationToken cancel) =>
                    mediator.Send(new SetBudget(id, body.ToAmounts()), cancel)
            )
            .WithName("SetBudget")
            .WithSummary("Set the budget of a project")
            .WithDescription("A limit that is absent is no limit. What the project owns already stays.")
            .Produces<BudgetDto>()
            .Fails(404);
    }
}
