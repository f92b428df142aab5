using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MediatR;
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
        projects.MapPost("/", CreateAsync).WithName("CreateProject").Produces<ProjectDto>(201).Fails(409).Repeatable();
        projects.MapGet("/", ListAsync).WithName("ListProjects").Produces<Page<ProjectDto>>();
        projects.MapGet("/{id}", GetAsync).WithName("GetProject").Produces<ProjectDto>().Fails(404);
        projects.MapPut("/{id}", UpdateAsync).WithName("UpdateProject").Produces<ProjectDto>().Fails(404, 409, 412);
        projects.MapPatch("/{id}", PatchAsync).WithName("PatchProject").Produces<ProjectDto>().Fails(404, 409, 412);
        projects.MapDelete("/{id}", DeleteAsync).WithName("DeleteProject").Produces<AcceptedProject>(202).Fails(404, 409, 412);
    }

    private static async Task<IResult> CreateAsync(CreateProjectBody body, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        Answers.Created(http, await mediator.Send(new CreateProject(body.Name!, body.UnixName!, body.Details), cancel));

    private static Task<Page<ProjectDto>> ListAsync(
        IMediator mediator, [AsParameters] PageQuery page, string? q, string? tag, string? visibility, bool? active, CancellationToken cancel) =>
        mediator.Send(new ListProjects(page.ToRequest(), new ProjectFilter(q, tag, Words.Parse<Visibility>("visibility", visibility), active)), cancel);

    private static async Task<IResult> GetAsync(Guid id, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        Answers.Ok(http, await mediator.Send(new GetProject(id), cancel));

    private static async Task<IResult> UpdateAsync(Guid id, UpdateProjectBody body, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        Answers.Ok(http, await mediator.Send(new UpdateProject(id, body.Name!, body.UnixName, body.Details, Answers.IfMatch(http)), cancel));

    private static async Task<IResult> PatchAsync(Guid id, PatchProjectBody body, HttpContext http, IMediator mediator, CancellationToken cancel)
    {
        var current = await mediator.Send(new GetProject(id), cancel);
        var seen = Answers.IfMatch(http, current.Version);
        var patched = new UpdateProject(
            id,
            body.Name.Or(current.Name, null!),
            body.UnixName.IsPresent ? body.UnixName.Value : null,
            new ProjectDetails(
                body.Description.Or(current.Description, ""),
                body.Active.IsPresent ? body.Active.Value ?? true : current.Active,
                body.Visibility.IsPresent ? body.Visibility.Value ?? Visibility.Private : current.Visibility,
                body.Tags.Or(current.Tags, [])),
            seen);
        try
        {
            return Answers.Ok(http, await mediator.Send(patched, cancel));
        }
        catch (StaleVersionException) when (http.Request.Headers.IfMatch.Count == 0)
        {
            throw new ConflictException("edit_conflict", "It was changed at the same moment by someone else. Repeat the change.");
        }
    }

    private static async Task<IResult> DeleteAsync(Guid id, bool? cascade, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        Answers.Accepted(await mediator.Send(new DeleteProject(id, cascade ?? false, Answers.IfMatch(http)), cancel));
}

/// <summary>What a project is made of.</summary>
internal sealed class CreateProjectBody
{
    [Required]
    public string? Name { get; init; }

    [Description("Lower-case words joined by hyphens; unique, never changes.")]
    [Required]
    public string? UnixName { get; init; }

    public string Description { get; init; } = "";

    public bool Active { get; init; } = true;

    public Visibility Visibility { get; init; } = Visibility.Private;

    public string[] Tags { get; init; } = [];

    internal ProjectDetails Details => new(Description, Active, Visibility, Tags);
}

/// <summary>A whole project. Read-only fields of an answer may be sent along and are ignored.</summary>
internal sealed class UpdateProjectBody
{
    [Required]
    public string? Name { get; init; }

    [Description("Cannot be changed; may be sent along as it is.")]
    public string? UnixName { get; init; }

    public string Description { get; init; } = "";

    public bool Active { get; init; } = true;

    public Visibility Visibility { get; init; } = Visibility.Private;

    public string[] Tags { get; init; } = [];

    [ReadOnly(true)]
    public JsonElement? Id { get; init; }

    [ReadOnly(true)]
    public JsonElement? CreatedAt { get; init; }

    [ReadOnly(true)]
    public JsonElement? UpdatedAt { get; init; }

    [ReadOnly(true)]
    public JsonElement? Version { get; init; }

    [ReadOnly(true)]
    public JsonElement? DeletingSince { get; init; }

    [ReadOnly(true)]
    public JsonElement? Actions { get; init; }

    internal ProjectDetails Details => new(Description, Active, Visibility, Tags);
}

/// <summary>A merge patch (RFC 7396): what is absent stays, null resets.</summary>
internal sealed class PatchProjectBody
{
    public Optional<string> Name { get; init; }

    public Optional<string> UnixName { get; init; }

    public Optional<string> Description { get; init; }

    public Optional<bool?> Active { get; init; }

    public Optional<Visibility?> Visibility { get; init; }

    public Optional<string[]> Tags { get; init; }
}
