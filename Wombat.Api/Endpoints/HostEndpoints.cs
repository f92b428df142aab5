using System.Text;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Commands;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

internal static class HostEndpoints
{
    public static void MapHosts(this IEndpointRouteBuilder api)
    {
        var hosts = api.MapGroup("/hosts").WithTags("Commands");
        hosts
            .MapGet("/", ListAsync)
            .WithName("ListHosts")
            .WithSummary("List hosts")
            .WithDescription("The hosts of SSH of all projects that the caller is a member of, the newest first.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<HostDto>>();
        hosts
            .MapPost("/", CreateAsync)
            .WithName("CreateHost")
            .WithSummary("Register a host")
            .WithDescription("Nobody contacts it. Before commands can run on it, its host keys must be tested and accepted.")
            .Produces<HostDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        hosts
            .MapPost("/import/plan", PlanImportAsync)
            .WithName("PlanHostImport")
            .WithSummary("Preview an import of hosts")
            .WithDescription("What the import of an OpenSSH client configuration would register, and what it would leave as it is.")
            .IsExpensive()
            .Produces<HostImportDto>()
            .Fails(404);
        hosts
            .MapPost("/import", ImportAsync)
            .WithName("ImportHosts")
            .WithSummary("Import hosts")
            .WithDescription("Registers the hosts of an OpenSSH client configuration, all or none. Registered hosts are not changed.")
            .IsExpensive()
            .Produces<HostImportDto>()
            .Fails(404, 409);
        hosts
            .MapGet("/export", ExportAsync)
            .WithName("ExportHosts")
            .WithSummary("Export hosts")
            .WithDescription("The hosts that the caller can see as a YAML document, with public keys only.")
            .IsExpensive()
            .Produces<Stream>(StatusCodes.Status200OK, MediaTypes.Yaml);
        hosts
            .MapGet("/{id}", GetAsync)
            .WithName("GetHost")
            .WithSummary("Get a host")
            .WithDescription("How it is reached, its accepted host keys, and what the last contact showed.")
            .Produces<HostDto>()
            .Fails(404);
        hosts
            .MapPut("/{id}", UpdateAsync)
            .WithName("UpdateHost")
            .WithSummary("Change a host")
            .WithDescription("With another address, port or jump host it is another machine: its host keys must be accepted again.")
            .Produces<HostDto>()
            .Fails(404, 409, 412);
        hosts
            .MapPost("/{id}/test", (Guid id, IMediator mediator, CancellationToken cancel) => mediator.Send(new TestHost(id), cancel))
            .WithName("TestHost")
            .WithSummary("Test a host")
            .WithDescription("Reads the host keys that it shows, and signs in if they are accepted.")
            .IsExpensive()
            .Produces<HostTestDto>()
            .Fails(404);
        hosts
            .MapPost("/{id}/accept-keys", AcceptAsync)
            .WithName("AcceptHostKeys")
            .WithSummary("Accept the keys of a host")
            .WithDescription("The host must show exactly the keys with these fingerprints. Then Wombat signs in.")
            .IsExpensive()
            .Produces<HostDto>()
            .Fails(404, 409);
        hosts
            .MapPost("/{id}/replace-key", ReplaceKeyAsync)
            .WithName("ReplaceHostKey")
            .WithSummary("Replace the key of Wombat for a host")
            .WithDescription(
                "An earlier key that was stored is deleted. Add the new public key to the account's authorized_keys, then test the host."
            )
            .IsExpensive()
            .Produces<HostDto>()
            .Fails(404, 409);
        hosts
            .MapDelete("/{id}", DeleteAsync)
            .WithName("DeleteHost")
            .WithSummary("Remove a host")
            .WithDescription(
                "Refused while commands use it, or other hosts as their jump host. Its key is removed with it; the runs on it stay."
            )
            .Produces(204)
            .Fails(404, 409);
    }

    private static Task<Page<HostDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        CancellationToken cancel
    ) => mediator.Send(new ListHosts(page.ToRequest(), projectId), cancel);

    private static async Task<IResult> CreateAsync(CreateHostBody body, IMediator mediator, CancellationToken cancel)
    {
        var host = await mediator.Send(body.ToRequest(), cancel);
        return new VersionedResult<HostDto>(host, StatusCodes.Status201Created, $"/api/v1/hosts/{host.Id}");
    }

    private static Task<HostImportDto> PlanImportAsync(ImportHostsBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new PlanHostImport(body.ProjectId, body.Document ?? ""), cancel);

    private static Task<HostImportDto> ImportAsync(ImportHostsBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ImportHosts(body.ProjectId, body.Document ?? ""), cancel);

    private static async Task<IResult> ExportAsync(
        IMediator mediator,
        [FromQuery(Name = "project_id")] Guid? projectId,
        CancellationToken cancel
    ) => TypedResults.Text(await mediator.Send(new ExportHosts(projectId), cancel), MediaTypes.Yaml, Encoding.UTF8);

    private static async Task<IResult> GetAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetHost(id), cancel));

    private static async Task<IResult> UpdateAsync(
        Guid id,
        HostBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateHost(id, body.Fields, ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> AcceptAsync(Guid id, AcceptHostKeysBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(body.ToRequest(id), cancel));

    private static async Task<IResult> ReplaceKeyAsync(Guid id, ReplaceHostKeyBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(body.ToRequest(id), cancel));

    private static async Task<IResult> DeleteAsync(Guid id, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new DeleteHost(id), cancel);
        return TypedResults.NoContent();
    }
}
