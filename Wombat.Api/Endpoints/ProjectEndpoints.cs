using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Common;
using Wombat.Application.Projects;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;

namespace Wombat.Api.Endpoints;

internal static class ProjectEndpoints
{
    public static void MapProjects(this IEndpointRouteBuilder api)
    {
        var projects = api.MapGroup("/projects").WithTags("Projects");
        projects
            .MapPost("/", CreateAsync)
            .WithName("CreateProject")
            .WithSummary("Create a project")
            .WithDescription("The user who creates a project becomes its manager.")
            .Produces<ProjectDto>(201)
            .Fails(409)
            .AcceptsIdempotencyKey();
        projects
            .MapGet("/", ListAsync)
            .WithName("ListProjects")
            .WithSummary("List projects")
            .WithDescription("The projects that the caller can read, the newest first.")
            .Sorts(SortNames.Projects)
            .Produces<Page<ProjectDto>>();
        projects
            .MapGet("/{id}", GetAsync)
            .WithName("GetProject")
            .WithSummary("Get a project")
            .WithDescription("Reads one project, with what the caller may do with it.")
            .Produces<ProjectDto>()
            .Fails(404);
        projects
            .MapPut("/{id}", UpdateAsync)
            .WithName("UpdateProject")
            .WithSummary("Replace a project")
            .WithDescription("Sets all fields; one that is absent gets its default.")
            .Produces<ProjectDto>()
            .Fails(404, 409, 412);
        projects
            .MapPatch("/{id}", PatchAsync)
            .WithName("PatchProject")
            .WithSummary("Change a project")
            .WithDescription("A merge patch (RFC 7396): fields that are absent keep their values.")
            .Produces<ProjectDto>()
            .Fails(404, 409, 412);
        projects
            .MapDelete("/{id}", DeleteAsync)
            .WithName("DeleteProject")
            .WithSummary("Delete a project")
            .WithDescription("A project that still holds containers is deleted only with cascade=true, which deletes them first.")
            .Produces<AcceptedProject>(202)
            .Fails(404, 409, 412);
    }

    private static async Task<IResult> CreateAsync(CreateProjectBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Created(await mediator.Send(new CreateProject(body.Name!, body.UnixName!, body.Details), cancel));

    private static Task<Page<ProjectDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        string? q,
        [FromQuery(Name = "unix_name")] string? unixName,
        string? tag,
        string? visibility,
        bool? active,
        string? member,
        CancellationToken cancel
    ) =>
        mediator.Send(
            new ListProjects(
                page.ToRequest(),
                new ProjectFilter(q, unixName, tag, EnumQuery.Parse<Visibility>("visibility", visibility), active, IsMe(member))
            ),
            cancel
        );

    private static bool IsMe(string? member) =>
        member switch
        {
            null => false,
            "me" => true,
            _ => throw new InvalidInputException("member", "must be me"),
        };

    private static async Task<IResult> GetAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetProject(id), cancel));

    private static async Task<IResult> UpdateAsync(
        Guid id,
        UpdateProjectBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateProject(id, body.UnixName, body.ToChanges(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> PatchAsync(
        Guid id,
        PatchProjectBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateProject(id, body.UnixName.Value, body.ToChanges(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> DeleteAsync(
        Guid id,
        bool? cascade,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Accepted(await mediator.Send(new DeleteProject(id, cascade ?? false, ApiResults.IfMatch(http)), cancel));
}
