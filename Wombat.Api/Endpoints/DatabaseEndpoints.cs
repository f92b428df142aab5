using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Databases;
using Wombat.Application.Resources;
using Wombat.Domain.Databases;

namespace Wombat.Api.Endpoints;

internal static class DatabaseEndpoints
{
    public static void MapDatabases(this IEndpointRouteBuilder api)
    {
        var ofProject = api.MapGroup("/projects/{id}/databases").WithTags("Databases");
        ofProject
            .MapPost("/", CreateAsync)
            .WithName("CreateDatabase")
            .WithSummary("Create a database")
            .Produces<AcceptedDatabase>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        ofProject
            .MapPost("/plan", PlanAsync)
            .WithName("PlanDatabase")
            .WithSummary("Plan a database")
            .WithDescription("Tells what creating the database would do and what prevents it. Changes nothing.")
            .IsExpensive()
            .Produces<DatabasePlan>()
            .Fails(404, 409);
        ofProject
            .MapGet("/", ListAsync)
            .WithName("ListProjectDatabases")
            .WithSummary("List databases of a project")
            .WithDescription(
                "The project's databases, the newest first. Deleted ones only with status=deleted or, for admins, include_deleted."
            )
            .Sorts(SortNames.Resources)
            .Produces<Page<DatabaseDto>>()
            .Fails(404);
        var databases = api.MapGroup("/databases").WithTags("Databases");
        databases
            .MapPost("/", CreateInAsync)
            .WithName("CreateProjectDatabase")
            .WithSummary("Create a database in a project")
            .Produces<AcceptedDatabase>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        databases
            .MapGet("/", ListAllAsync)
            .WithName("ListDatabases")
            .WithSummary("List databases")
            .WithDescription(
                "The databases of all projects that the caller can read, the newest first. Deleted ones only with status=deleted or, for "
                    + "admins, include_deleted."
            )
            .Sorts(SortNames.Resources)
            .Produces<Page<DatabaseDto>>();
        databases
            .MapGet("/{id}", GetAsync)
            .WithName("GetDatabase")
            .WithSummary("Get a database")
            .WithDescription("Reads one database, with what the caller may do with it; never a password.")
            .Produces<DatabaseDto>()
            .Fails(404);
        databases
            .MapPatch("/{id}", PatchAsync)
            .WithName("PatchDatabase")
            .WithSummary("Change a database")
            .WithDescription("A merge patch (RFC 7396): fields that are absent keep their values.")
            .Produces<DatabaseDto>()
            .Fails(404, 409, 412);
        databases
            .MapDelete("/{id}", DeleteAsync)
            .WithName("DeleteDatabase")
            .WithSummary("Delete a database")
            .WithDescription("What is kept, and for how long, is the tier's deletion policy; restorable_until shows it.")
            .Produces<AcceptedDatabase>(202)
            .Fails(404, 409, 412);
        databases
            .MapPost("/{id}/plan", PlanChangeAsync)
            .WithName("PlanDatabaseChange")
            .WithSummary("Plan a change of a database")
            .WithDescription(
                "Tells what the change would create, change and remove, what prevents it, the budget before and after, and whether "
                    + "clients are disconnected. Changes nothing."
            )
            .IsExpensive()
            .Produces<DatabasePlan>()
            .Fails(404, 409, 503);
        databases
            .MapPost("/{id}/forget", ForgetAsync)
            .WithName("ForgetDatabase")
            .WithSummary("Forget a database")
            .WithDescription("Removes the entry of a database whose provider is gone for good. Changes nothing outside Wombat.")
            .Produces<DatabaseDto>()
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        MapOperations(databases);
        MapReads(databases);
        MapAccess(databases);
    }

    private static void MapOperations(RouteGroupBuilder databases)
    {
        databases
            .MapPost("/{id}/undelete", UndeleteAsync)
            .WithName("UndeleteDatabase")
            .WithSummary("Undelete a database")
            .WithDescription("Restores a deleted database, with its data and credentials, until restorable_until.")
            .Accepts202();
        databases
            .MapPost("/{id}/freeze", FreezeAsync)
            .WithName("FreezeDatabase")
            .WithSummary("Freeze a database")
            .WithDescription("Makes it read-only, or suspends it where the provider can only stop it.")
            .Accepts202();
        databases.MapPost("/{id}/unfreeze", UnfreezeAsync).WithName("UnfreezeDatabase").WithSummary("Unfreeze a database").Accepts202();
        databases.MapPost("/{id}/restart", RestartAsync).WithName("RestartDatabase").WithSummary("Restart a database").Accepts202();
        databases
            .MapPost("/{id}/resize", ResizeAsync)
            .WithName("ResizeDatabase")
            .WithSummary("Resize a database")
            .WithDescription("Gives it what a tier promises now. Refused before anything is touched when the budget does not allow it.")
            .Accepts202();
        databases
            .MapPost("/{id}/repair", RepairAsync)
            .WithName("RepairDatabase")
            .WithSummary("Repair a database")
            .WithDescription("Makes it as requested again where somebody changed it outside Wombat; drift shows where.")
            .Accepts202();
        databases
            .MapPost("/{id}/adopt", AdoptAsync)
            .WithName("AdoptDatabase")
            .WithSummary("Adopt changes made outside Wombat")
            .WithDescription("Takes over actual values of drift, as far as a tier can promise them; other fields are refused.")
            .Accepts202();
        databases
            .MapPost("/{id}/restore", RestoreAsync)
            .WithName("RestoreDatabase")
            .WithSummary("Restore a database into a new one")
            .WithDescription("Creates a database in the same project from the backups of this one.")
            .Accepts202();
        databases
            .MapPost("/{id}/restore-in-place", RestoreInPlaceAsync)
            .WithName("RestoreDatabaseInPlace")
            .WithSummary("Restore a database into itself")
            .WithDescription("Makes a backup of the present data first. Address, credentials and users stay.")
            .Accepts202()
            .Fails(503);
        databases
            .MapGet("/{id}/backups", ListBackupsAsync)
            .WithName("ListBackups")
            .WithSummary("List backups of a database")
            .WithDescription("The complete backups and the times that can be restored.")
            .Produces<DatabaseBackupsDto>()
            .Fails(404, 409, 503);
        databases.MapPost("/{id}/backups", BackUpAsync).WithName("BackUpDatabase").WithSummary("Back up a database").Accepts202();
        databases
            .MapPost("/{id}/drill", DrillAsync)
            .WithName("DrillDatabase")
            .WithSummary("Restore a backup on trial")
            .WithDescription(
                "Restores the newest backup into a throw-away database, reads all of it and removes it; last_drill shows the outcome."
            )
            .Accepts202();
    }

    private static void MapReads(RouteGroupBuilder databases)
    {
        databases
            .MapGet("/{id}/events", ListEventsAsync)
            .WithName("ListDatabaseEvents")
            .WithSummary("List events of a database")
            .WithDescription("What happened to the database, the oldest first.")
            .Sorts(SortNames.Events)
            .IsExpensive()
            .Produces<Page<EventDto>>()
            .Fails(404);
        databases
            .MapGet("/{id}/extensions", ListExtensionsAsync)
            .WithName("ListExtensions")
            .WithSummary("List extensions of a database")
            .WithDescription("The extensions that its server has, with those that are installed in the database, by name.")
            .Produces<Page<DatabaseExtensionDto>>()
            .Fails(404, 409, 503);
    }

    private static void MapAccess(RouteGroupBuilder databases)
    {
        databases
            .MapPost("/{id}/credentials/reveal", RevealAsync)
            .WithName("RevealCredentials")
            .WithSummary("Read credentials")
            .WithDescription("The credentials of the database or of one of its users. The events tell who read them.")
            .Produces<CredentialsDto>()
            .Fails(404, 409, 503);
        databases
            .MapPost("/{id}/credentials/rotate", RotateAsync)
            .WithName("RotateCredentials")
            .WithSummary("Rotate credentials")
            .WithDescription("The new password is active before the old one ends.")
            .Accepts202();
        databases
            .MapGet("/{id}/connection", GetConnectionAsync)
            .WithName("GetConnection")
            .WithSummary("Describe the connection")
            .WithDescription("In one of several formats, with a placeholder for the password.")
            .Produces<ConnectionDto>()
            .Fails(404, 409, 503);
        databases
            .MapGet("/{id}/users", ListUsersAsync)
            .WithName("ListDatabaseUsers")
            .WithSummary("List users of a database")
            .WithDescription("Its users, without the database's own one.")
            .Produces<Page<DatabaseUserDto>>()
            .Fails(404, 409, 503);
        databases
            .MapPost("/{id}/users", SaveUserAsync)
            .WithName("SaveDatabaseUser")
            .WithSummary("Create or change a user of a database")
            .Accepts202();
        databases
            .MapDelete("/{id}/users/{name}", DropUserAsync)
            .WithName("DropDatabaseUser")
            .WithSummary("Remove a user of a database")
            .WithDescription("Ends its sessions; what it owns passes to the owner.")
            .Produces<AcceptedDatabase>(202)
            .Fails(404, 409);
    }

    private static RouteHandlerBuilder Accepts202(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<AcceptedDatabase>(202).Fails(404, 409).AcceptsIdempotencyKey();

    private static async Task<IResult> CreateAsync(Guid id, CreateDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(body.ToRequest(id), cancel));

    private static async Task<IResult> CreateInAsync(CreateProjectDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(body.ToRequest(), cancel));

    private static async Task<DatabasePlan> PlanAsync(Guid id, CreateDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        DatabasePlan.Of(await mediator.Send(new PlanResource<DatabaseSpec, DatabaseDto, AcceptedDatabase>(body.ToRequest(id)), cancel));

    private static async Task<DatabasePlan> PlanChangeAsync(
        Guid id,
        PlanDatabaseChangeBody body,
        IMediator mediator,
        CancellationToken cancel
    ) => DatabasePlan.Of(await mediator.Send(body.ToRequest(id), cancel));

    private static Task<Page<DatabaseDto>> ListAsync(
        Guid id,
        IMediator mediator,
        [AsParameters] PageQuery page,
        [AsParameters] DatabaseQuery query,
        CancellationToken cancel
    ) => mediator.Send(new ListResources<DatabaseDto>(page.ToRequest(), query.ToFilter(id), OfOneProject: true), cancel);

    private static Task<Page<DatabaseDto>> ListAllAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        [AsParameters] DatabaseQuery query,
        CancellationToken cancel
    ) => mediator.Send(new ListResources<DatabaseDto>(page.ToRequest(), query.ToFilter(projectId), OfOneProject: false), cancel);

    private static async Task<IResult> GetAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetResource<DatabaseDto>(null, id), cancel));

    private static async Task<IResult> PatchAsync(
        Guid id,
        PatchDatabaseBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateResource<DatabaseDto>(null, id, body.ToChanges(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> DeleteAsync(Guid id, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new DeleteResource<AcceptedDatabase>(null, id, ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> ForgetAsync(Guid id, ForgetDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new ForgetResource<DatabaseDto>(null, id, body.Name), cancel));

    private static async Task<IResult> UndeleteAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new UndeleteResource<AcceptedDatabase>(null, id), cancel));

    private static Task<IResult> FreezeAsync(Guid id, FreezeDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "freeze", new FreezeDatabase(body.Reason), mediator, cancel);

    private static Task<IResult> UnfreezeAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "unfreeze", mediator, cancel);

    private static Task<IResult> RestartAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "restart", mediator, cancel);

    private static Task<IResult> ResizeAsync(Guid id, ResizeDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "resize", new ResizeDatabase(body.Tier), mediator, cancel);

    private static Task<IResult> RepairAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "repair", new RepairDatabase(), mediator, cancel);

    private static Task<IResult> AdoptAsync(Guid id, AdoptDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "adopt", new AdoptDatabase(body.Fields), mediator, cancel);

    private static async Task<IResult> RestoreAsync(Guid id, RestoreDatabaseBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new RestoreDatabase(id, body.Name, body.TargetTime, body.BackupId, body.Tier), cancel));

    private static Task<IResult> RestoreInPlaceAsync(Guid id, RestoreInPlaceBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "restore_in_place", new RestoreInPlace(body.TargetTime, body.BackupId), mediator, cancel);

    private static Task<DatabaseBackupsDto> ListBackupsAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListBackups(id), cancel);

    private static Task<IResult> BackUpAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "backup", new BackUpDatabase(), mediator, cancel);

    private static Task<IResult> DrillAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, DatabaseKind.DrillOperation, new DrillDatabase(), mediator, cancel);

    private static Task<Page<EventDto>> ListEventsAsync(
        Guid id,
        int? limit,
        string? cursor,
        string? sort,
        IMediator mediator,
        CancellationToken cancel
    ) => mediator.Send(new ListResourceEvents<DatabaseDto>(null, id, new PageRequest(limit, cursor, sort)), cancel);

    private static Task<Page<DatabaseExtensionDto>> ListExtensionsAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListExtensions(id), cancel);

    private static Task<CredentialsDto> RevealAsync(Guid id, RevealCredentialsBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new RevealCredentials(id, body.User), cancel);

    private static Task<IResult> RotateAsync(Guid id, RotateCredentialsBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "rotate", new RotateCredentials(body.User, body.EndSessions), mediator, cancel);

    private static Task<ConnectionDto> GetConnectionAsync(
        Guid id,
        string? format,
        string? user,
        IMediator mediator,
        CancellationToken cancel
    ) =>
        mediator.Send(
            new GetConnection(id, user, EnumQuery.Parse<ConnectionFormat>("format", format?.Replace('-', '_')) ?? ConnectionFormat.Uri),
            cancel
        );

    private static Task<Page<DatabaseUserDto>> ListUsersAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListDatabaseUsers(id), cancel);

    private static Task<IResult> SaveUserAsync(Guid id, SaveDatabaseUserBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "save_user", body.ToArguments(), mediator, cancel);

    private static Task<IResult> DropUserAsync(Guid id, string name, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, "drop_user", new DropDatabaseUser(name), mediator, cancel);

    private static async Task<IResult> OperateAsync(Guid id, string operation, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new OperateResource<AcceptedDatabase>(null, id, operation), cancel));

    private static async Task<IResult> OperateAsync<TArguments>(
        Guid id,
        string operation,
        TArguments arguments,
        IMediator mediator,
        CancellationToken cancel
    )
        where TArguments : class =>
        ApiResults.Accepted(
            await mediator.Send(new OperateResourceWith<TArguments, AcceptedDatabase>(null, id, operation, arguments), cancel)
        );
}
