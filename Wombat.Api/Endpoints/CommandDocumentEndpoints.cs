using System.Text;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>Commands as a document that lives in git.</summary>
internal static class CommandDocumentEndpoints
{
    public static void MapCommandDocuments(this IEndpointRouteBuilder api)
    {
        var commands = api.MapGroup("/commands").WithTags("Commands");
        commands
            .MapGet("/export", ExportAsync)
            .WithName("ExportCommands")
            .WithSummary("Export commands")
            .WithDescription(
                "The commands of a project in YAML, by name, for an import here or elsewhere: with names of workspaces and hosts instead "
                    + "of ids, without fields that have their default. Without a project those of the platform, for admins."
            )
            .IsExpensive()
            .Produces<Stream>(StatusCodes.Status200OK, MediaTypes.Yaml)
            .Fails(404);
        commands
            .MapPost("/import/plan", PlanAsync)
            .WithName("PlanCommandImport")
            .WithSummary("Plan an import of commands")
            .WithDescription(
                "Shows what an import would do with each command and which fields it would change. Nothing is changed. Errors name places "
                    + "in the document, such as commands[2].parameters[0].pattern."
            )
            .IsExpensive()
            .Produces<CommandImportDto>()
            .Fails(404, 409);
        commands
            .MapPost("/import", ImportAsync)
            .WithName("ImportCommands")
            .WithSummary("Import commands")
            .WithDescription(
                "Creates and changes commands so that they are as the document says, and with remove_missing deletes the others of the "
                    + "project: all or nothing. A command is known by its name; one that is as the document says keeps its version. The "
                    + "caller needs what creating, changing and deleting each of them needs."
            )
            .IsExpensive()
            .Produces<CommandImportDto>()
            .Fails(404, 409, 412)
            .AcceptsIdempotencyKey();
    }

    private static async Task<IResult> ExportAsync(
        IMediator mediator,
        [FromQuery(Name = "project_id")] Guid? projectId,
        CancellationToken cancel
    ) =>
        TypedResults.File(
            Encoding.UTF8.GetBytes(await mediator.Send(new ExportCommands(projectId), cancel)),
            MediaTypes.Yaml,
            "commands.yaml"
        );

    private static Task<CommandImportDto> PlanAsync(PlanCommandImportBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new PlanCommandImport(body.ToSource()), cancel);

    private static Task<CommandImportDto> ImportAsync(ImportCommandsBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ImportCommands(body.ToSource(), body.PlanId), cancel);
}
