using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Wombat.Api.Endpoints;
using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Api.Tests.Resources;

internal static class ProbeEndpoints
{
    private const string Probes = "/api/v1/projects/{id}/probes";

    public static void MapProbes(this IEndpointRouteBuilder app)
    {
        app.MapPost(Probes, CreateAsync).AcceptsIdempotencyKey();
        app.MapPost(Probes + "/plan", PlanAsync);
        app.MapGet(Probes, ListAsync);
        app.MapGet(Probes + "/{pid}", GetAsync);
        app.MapDelete(Probes + "/{pid}", DeleteAsync);
        app.MapPost(Probes + "/{pid}/forget", ForgetAsync);
        app.MapPost(Probes + "/{pid}/calibrate", CalibrateAsync);
    }

    private static async Task<IResult> CreateAsync(Guid id, ProbeBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(body.ToRequest(id), cancel));

    private static Task<ResourcePlan<ProbeDto>> PlanAsync(Guid id, ProbeBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new PlanResource<ProbeSpec, ProbeDto, AcceptedProbe>(body.ToRequest(id)), cancel);

    private static Task<Page<ProbeDto>> ListAsync(Guid id, string? color, string? q, IMediator mediator, CancellationToken cancel)
    {
        var fields = new Dictionary<string, string?>(StringComparer.Ordinal) { ["color"] = color };
        return mediator.Send(
            new ListResources<ProbeDto>(new PageQuery().ToRequest(), new ResourceFilter(id, Q: q, Fields: fields), true),
            cancel
        );
    }

    private static async Task<IResult> GetAsync(Guid id, Guid pid, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetResource<ProbeDto>(id, pid), cancel));

    private static async Task<IResult> DeleteAsync(Guid id, Guid pid, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new DeleteResource<AcceptedProbe>(id, pid, ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> ForgetAsync(Guid id, Guid pid, ProbeBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new ForgetResource<ProbeDto>(id, pid, body.Name), cancel));

    private static async Task<IResult> CalibrateAsync(Guid id, Guid pid, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new OperateResource<AcceptedProbe>(id, pid, "calibrate"), cancel));
}

internal sealed record ProbeBody(string? Name, int Level = 1, string? Color = null, string? Plugin = null)
{
    public CreateResource<ProbeSpec, AcceptedProbe> ToRequest(Guid project) => new(project, Name, new ProbeSpec(Level, Color), Plugin);
}
