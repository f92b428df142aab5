using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Domain.Resources;
using Container = Wombat.Domain.Containers.Container;

namespace Wombat.Api.Endpoints;

internal static class ContainerEndpoints
{
    public static void MapContainers(this IEndpointRouteBuilder api)
    {
        api.MapGet("/containers", ListAllAsync).WithTags("Containers").WithName("ListContainers").Produces<Page<ContainerDto>>();
        var containers = api.MapGroup("/projects/{id}/containers").WithTags("Containers");
        containers
            .MapPost("/", CreateAsync)
            .WithName("CreateContainer")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers.MapPost("/plan", PlanAsync).WithName("PlanContainer").Produces<ContainerPlan>().Fails(404, 409);
        containers.MapGet("/", ListAsync).WithName("ListProjectContainers").Produces<Page<ContainerDto>>().Fails(404);
        containers.MapGet("/{cid}", GetAsync).WithName("GetContainer").Produces<ContainerDto>().Fails(404);
        containers.MapGet("/{cid}/ssh-keys", ListKeysAsync).WithName("ListContainerKeys").Produces<Page<ContainerKeyDto>>().Fails(404, 503);
        containers.MapDelete("/{cid}", DeleteAsync).WithName("DeleteContainer").Produces<AcceptedContainer>(202).Fails(404, 409, 412);
        containers
            .MapPost("/{cid}/forget", ForgetAsync)
            .WithName("ForgetContainer")
            .Produces<ContainerDto>()
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/start", StartAsync)
            .WithName("StartContainer")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/stop", StopAsync)
            .WithName("StopContainer")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/restart", RestartAsync)
            .WithName("RestartContainer")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
    }

    private static async Task<IResult> CreateAsync(Guid id, CreateContainerBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(body.ToRequest(id), cancel));

    private static Task<ContainerPlan> PlanAsync(Guid id, CreateContainerBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new PlanContainer(body.ToRequest(id)), cancel);

    private static Task<Page<ContainerDto>> ListAsync(
        Guid id,
        IMediator mediator,
        [AsParameters] PageQuery page,
        string[]? status,
        string? template,
        string? q,
        CancellationToken cancel
    ) =>
        mediator.Send(
            new ListContainers(
                page.ToRequest(),
                new ContainerFilter(id, EnumQuery.ParseList<ResourceStatus>("status", status), template, q),
                OfOneProject: true
            ),
            cancel
        );

    private static Task<Page<ContainerDto>> ListAllAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        string[]? status,
        string? template,
        string? q,
        CancellationToken cancel
    ) =>
        mediator.Send(
            new ListContainers(
                page.ToRequest(),
                new ContainerFilter(projectId, EnumQuery.ParseList<ResourceStatus>("status", status), template, q),
                OfOneProject: false
            ),
            cancel
        );

    private static async Task<IResult> GetAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetContainer(id, cid), cancel));

    private static Task<Page<ContainerKeyDto>> ListKeysAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListContainerKeys(id, cid), cancel);

    private static async Task<IResult> DeleteAsync(Guid id, Guid cid, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new DeleteContainer(id, cid, ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> ForgetAsync(
        Guid id,
        Guid cid,
        ForgetContainerBody body,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new ForgetContainer(id, cid, body.Name), cancel));

    private static Task<IResult> StartAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, ContainerOperation.Start, mediator, cancel);

    private static Task<IResult> StopAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, ContainerOperation.Stop, mediator, cancel);

    private static Task<IResult> RestartAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, ContainerOperation.Restart, mediator, cancel);

    private static async Task<IResult> OperateAsync(
        Guid id,
        Guid cid,
        ContainerOperation operation,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Accepted(await mediator.Send(new OperateContainer(id, cid, operation), cancel));
}

/// <summary>A container to create.</summary>
internal sealed class CreateContainerBody
{
    /// <summary>One of the templates that GET /plugins lists.</summary>
    /// <example>busybox</example>
    [Required]
    [StringLength(Container.TemplateMax, MinimumLength = 1)]
    [RegularExpression(Container.TemplatePattern)]
    public string? Template { get; init; }

    /// <summary>Unique in the project; generated from the template when absent.</summary>
    /// <example>web</example>
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Name { get; init; }

    /// <summary>Number of cores; the plugin decides when absent.</summary>
    /// <example>1</example>
    [Range(Container.CpuMin, Container.CpuMax)]
    public int? Cpu { get; init; }

    /// <summary>Memory in MiB; the plugin decides when absent.</summary>
    /// <example>64</example>
    [Range(Container.MemoryMinMiB, Container.MemoryMaxMiB)]
    public int? Memory { get; init; }

    /// <summary>Disk in GiB; the plugin decides when absent.</summary>
    [Range(Container.DiskMinGiB, Container.DiskMaxGiB)]
    public int? Disk { get; init; }

    /// <summary>Public keys in OpenSSH's one-line form, beside the keys of the project's managers and developers.</summary>
    [DefaultValue(new string[0])]
    [MaxLength(Container.SshKeysMax)]
    public string[]? SshKeys { get; init; }

    internal CreateContainer ToRequest(Guid project) => new(project, Template!, Name, Cpu, Memory, Disk, SshKeys ?? []);
}

/// <summary>Confirms that a container is removed from Wombat without being deleted on its server.</summary>
internal sealed class ForgetContainerBody
{
    /// <summary>The container's name, as a confirmation.</summary>
    /// <example>web</example>
    [Required]
    public string? Name { get; init; }
}
