using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Mvc;
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
        projects.MapPost("/", CreateAsync).WithName("CreateProject").Produces<ProjectDto>(201).Fails(409).AcceptsIdempotencyKey();
        projects.MapGet("/", ListAsync).WithName("ListProjects").Produces<Page<ProjectDto>>();
        projects.MapGet("/{id}", GetAsync).WithName("GetProject").Produces<ProjectDto>().Fails(404);
        projects.MapPut("/{id}", UpdateAsync).WithName("UpdateProject").Produces<ProjectDto>().Fails(404, 409, 412);
        projects.MapPatch("/{id}", PatchAsync).WithName("PatchProject").Produces<ProjectDto>().Fails(404, 409, 412);
        projects.MapDelete("/{id}", DeleteAsync).WithName("DeleteProject").Produces<AcceptedProject>(202).Fails(404, 409, 412);
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
        CancellationToken cancel
    ) =>
        mediator.Send(
            new ListProjects(
                page.ToRequest(),
                new ProjectFilter(q, unixName, tag, EnumQuery.Parse<Visibility>("visibility", visibility), active)
            ),
            cancel
        );

    private static async Task<IResult> GetAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetProject(id), cancel));

    private static async Task<IResult> UpdateAsync(
        Guid id,
        UpdateProjectBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) =>
        ApiResults.Ok(
            await mediator.Send(new UpdateProject(id, body.Name!, body.UnixName, body.Details, ApiResults.IfMatch(http)), cancel)
        );

    private static async Task<IResult> PatchAsync(
        Guid id,
        PatchProjectBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    )
    {
        var current = await mediator.Send(new GetProject(id), cancel);
        var seen = ApiResults.IfMatch(http, current.Version);
        var patched = new UpdateProject(
            id,
            body.Name.Or(current.Name, null!),
            body.UnixName.IsPresent ? body.UnixName.Value : null,
            new ProjectDetails(
                body.Description.Or(current.Description, ""),
                body.Active.IsPresent ? body.Active.Value ?? true : current.Active,
                body.Visibility.IsPresent ? body.Visibility.Value ?? Visibility.Private : current.Visibility,
                body.Tags.Or(current.Tags, [])
            ),
            seen
        );
        try
        {
            return ApiResults.Ok(await mediator.Send(patched, cancel));
        }
        catch (StaleVersionException) when (http.Request.Headers.IfMatch.Count == 0)
        {
            throw new ConflictException("edit_conflict", "It was changed at the same moment by someone else. Repeat the change.");
        }
    }

    private static async Task<IResult> DeleteAsync(
        Guid id,
        bool? cascade,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Accepted(await mediator.Send(new DeleteProject(id, cascade ?? false, ApiResults.IfMatch(http)), cancel));
}

/// <summary>The fields of a project.</summary>
internal abstract class ProjectBody
{
    /// <summary>The name that people read; need not be unique.</summary>
    /// <example>Web shop</example>
    [Required]
    [StringLength(Project.NameMax, MinimumLength = Project.NameMin)]
    public string? Name { get; init; }

    /// <summary>What the project is for.</summary>
    /// <example>Everything behind shop.example.org.</example>
    [DefaultValue("")]
    [StringLength(Project.DescriptionMax)]
    public string? Description { get; init; }

    /// <summary>An inactive project accepts no new containers.</summary>
    [DefaultValue(true)]
    public bool? Active { get; init; }

    /// <summary>Who can read the project.</summary>
    [DefaultValue(Domain.Projects.Visibility.Private)]
    public Visibility? Visibility { get; init; }

    /// <summary>Labels of lower-case letters, digits and . _ : / - to find the project by.</summary>
    [DefaultValue(new string[0])]
    [MaxLength(Project.TagsMax)]
    [Items(Project.TagPattern, MaxLength = Project.TagMax)]
    public string[]? Tags { get; init; }

    internal ProjectDetails Details => new(Description ?? "", Active ?? true, Visibility ?? Domain.Projects.Visibility.Private, Tags ?? []);
}

/// <summary>A project to create.</summary>
internal sealed class CreateProjectBody : ProjectBody
{
    /// <summary>Unique name of lower-case words joined by hyphens; cannot be changed later.</summary>
    /// <example>web-shop</example>
    [Required]
    [StringLength(Project.UnixNameMax, MinimumLength = Project.UnixNameMin)]
    [RegularExpression(Project.UnixNamePattern)]
    public string? UnixName { get; init; }
}

/// <summary>All fields of a project. Read-only fields of an answer may be sent along; they are ignored.</summary>
internal sealed class UpdateProjectBody : ProjectBody
{
    /// <summary>Cannot be changed; may be sent as it is.</summary>
    [StringLength(Project.UnixNameMax, MinimumLength = Project.UnixNameMin)]
    [RegularExpression(Project.UnixNamePattern)]
    public string? UnixName { get; init; }

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
}

/// <summary>Changes to a project as a merge patch (RFC 7396): a field that is absent keeps its value, null sets the default.</summary>
internal sealed class PatchProjectBody
{
    /// <summary>The name that people read; must not be null.</summary>
    [StringLength(Project.NameMax, MinimumLength = Project.NameMin)]
    public Optional<string> Name { get; init; }

    /// <summary>Cannot be changed; may be sent as it is.</summary>
    public Optional<string> UnixName { get; init; }

    /// <summary>What the project is for.</summary>
    /// <example>Everything behind shop.example.org.</example>
    [StringLength(Project.DescriptionMax)]
    public Optional<string> Description { get; init; }

    /// <summary>An inactive project accepts no new containers.</summary>
    public Optional<bool?> Active { get; init; }

    /// <summary>Who can read the project.</summary>
    public Optional<Visibility?> Visibility { get; init; }

    /// <summary>All labels; replaces those that the project has.</summary>
    [MaxLength(Project.TagsMax)]
    public Optional<string[]> Tags { get; init; }
}
